/*
 * Which places of another run are the same as ours, where their names alone do not say it: sources that were
 * compiled in another directory, programs and libraries of another build.
 *
 * Held against each other are module, function, line and as much of the file's path as agrees from its end:
 * eight directories first, then fewer, then its name alone, then no file at all, if there is one such place
 * on either side; where no line is known the last is all there is. A module that is the same build on both
 * sides, and a file that both sides have, is itself and nothing else. Libraries go by their name up to the
 * first number behind .so, and the traced programs are one module, whatever they are called. Threads are
 * matched by name, those of one name by their numbers' order.
 *
 * Must not: look at what places hold.
 */
#ifndef ANALYZER_AGGREGATE_MATCH_H
#define ANALYZER_AGGREGATE_MATCH_H

#include "aggregate/aggregate.h"
#include "base/intern.h"
#include "base/map.h"

#define MATCH_NONE UINT32_MAX

/* The run that a state is of, as far as it tells its places from another run's. */
struct match_run {
        const void *whose;           /* states of one run have the same */
        const char *const *programs; /* what was traced, as places name their modules; "" or NULL: unknown */
        size_t program_count;
        const struct trace_module *modules;
        size_t module_count;
};

struct match_build {
        const struct trace_module *before, *now;
};

struct match {
        enum aggregate_by by;
        struct intern texts;
        struct map numbers;         /* of pairs of numbers */
        struct map frames;          /* by address: those that match_see has met, or one round's keys */
        uint8_t *flags;             /* by text */
        struct match_build *builds; /* by text: the module of that name */
        size_t flags_capacity, builds_capacity, flags_count, builds_count;
};

void match_deinit(struct match *match);

/* What a library is called whatever its version: "libz.so.1" of /usr/lib/libz.so.1.2.13. Heap; NULL: no
 * memory. */
char *match_module_name(const char *path);

/* The run of a trace, which must outlive it. */
struct match_run match_run_of(const struct trace *trace);

/* What follows is of another state, of a run whose modules must outlive this. 0 or -ENOMEM. */
int match_begin(struct match *match, const struct match_run *run);

/* The state has this place. 0 or -ENOMEM. */
int match_see(struct match *match, const struct aggregate *places, const struct aggregate_entry *entry);

/*
 * Finds for each of `fresh`, the places of this state that are still alone, one of places->entries: those of
 * which `open`, by their index, is set, which is cleared again. partners[i] is the index, or MATCH_NONE. All
 * entries' nodes are of `places`. 0 or -ENOMEM.
 */
int match_rest(struct match *match, const struct aggregate *places, uint8_t *open,
               const struct aggregate_entry *fresh, size_t fresh_count, uint32_t *partners);

#endif
