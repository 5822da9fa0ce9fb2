/*
 * The call graph of a state as the user asked for it: which functions are shown, and in which order.
 *
 * Must not: print tables.
 */
#ifndef ANALYZER_SELECT_CALLS_H
#define ANALYZER_SELECT_CALLS_H

#include "aggregate/callgraph.h"
#include "select/listing.h"
#include "select/tally.h"

/* What made the list shorter, in the order in which it did. */
enum calls_restriction { CALLS_GLOBS, CALLS_LEAST, CALLS_LIMIT, CALLS_RESTRICTIONS };

struct calls {
        struct tally tally; /* of whole stacks */
        struct callgraph graph;
        const struct filter *only; /* as given */
        uint64_t least_bytes;
        uint32_t *shown; /* nodes, in their order */
        size_t shown_count;
        size_t before[CALLS_RESTRICTIONS], after[CALLS_RESTRICTIONS]; /* how many there were */
};

/* Settles the grouping for calls, before the state is opened: by function if not given. 0 or -EINVAL,
 * reported. */
int calls_settle(struct grouping *grouping);

/* Adds a GLOB operand to `only`, after calls_settle: what it is of follows from the grouping. 0 or a negative
 * errno, reported. */
int calls_restrict(const struct grouping *grouping, struct filter *only, const char *glob);

/*
 * `only`: the functions that are wanted, by any of its globs; empty: all. The other arguments but the listing
 * must outlive it. 0 or a negative errno already reported; to deinit on success alone.
 */
int calls_make(struct state *state, const struct grouping *grouping, struct selection *selection,
               const struct listing *listing, struct filter *only, struct calls *calls);

void calls_deinit(struct calls *calls);

#endif
