/*
 * Baselines: what places held at the end of a run, by names that they have in another run too. One part for
 * each program, or for several that were taken together.
 *
 * Must not: read or write a file, or judge.
 */
#ifndef ANALYZER_JUDGE_BASELINE_H
#define ANALYZER_JUDGE_BASELINE_H

#include "aggregate/key.h"
#include "judge/baseline_domains.h"
#include "judge/subject.h"

/* A place. What it has of this goes by the baseline's key; texts are the baseline's. */
struct baseline_row {
        const char *file, *function, *module; /* NULL: none, or not known */
        uint32_t line;
        bool has_line;
        uint64_t bytes, blocks;
        uint32_t stack;       /* of the ledger that it comes from: the largest there */
        uint64_t stack_bytes; /* what that one holds */
};

struct baseline_part {
        const char **programs; /* ascending, each once; heap */
        size_t program_count, programs_capacity;
        struct baseline_row *rows;
        size_t count, capacity;
        struct map by_place; /* a place's key to its row */
};

struct baseline {
        enum aggregate_by by;
        struct baseline_domains domains; /* whose memory */
        struct baseline_part *parts;
        size_t part_count, parts_capacity;
        struct keys keys; /* the texts are its own */
};

/* `by` is by line, function, file or module. */
void baseline_init(struct baseline *baseline, enum aggregate_by by);
void baseline_deinit(struct baseline *baseline);

/* A new part, without programs; valid until the next. NULL: no memory. */
struct baseline_part *baseline_add_part(struct baseline *baseline);

/* 0, -EEXIST where the part has it already, or -ENOMEM. */
int baseline_add_program(struct baseline *baseline, struct baseline_part *part, const char *program);

/*
 * What a row says is added to the part; its texts are copied. *known: its place is already there, and is what
 * both are together. 0 or -ENOMEM.
 */
int baseline_add_row(struct baseline *baseline, struct baseline_part *part, const struct baseline_row *row,
                     bool *known);

/* A part of what a subject holds at the end, without what is suppressed. 0 or a negative errno already
 * reported. */
int baseline_add_subject(struct baseline *baseline, const struct subject *subject);

/*
 * Whose part it is: the one of the same programs; unless `exact`, else the one that has the most of them,
 * where there is one. NULL: none.
 */
const struct baseline_part *baseline_find(const struct baseline *baseline, const struct baseline_part *of,
                                          bool exact);

/* Parts of `earlier` that none of ours is in the place of. 0 or a negative errno already reported. */
int baseline_keep(struct baseline *baseline, const struct baseline *earlier, bool exact);

/* By their programs; 0: they have the same. */
int baseline_order_parts(const struct baseline_part *left, const struct baseline_part *right);

/* Parts by their programs, rows by their places, ascending. */
void baseline_sort(struct baseline *baseline);

/* The names of a part's programs: "as, cc1, gcc". Heap; NULL: no memory. */
char *baseline_programs(const struct baseline_part *part);

#endif
