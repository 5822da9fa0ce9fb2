/*
 * From counts per site to entries a person compares: one for each place, ordered as
 * tracemalloc orders.
 *
 * Must not: replay, or print.
 */
#ifndef ANALYZER_AGGREGATE_AGGREGATE_H
#define ANALYZER_AGGREGATE_AGGREGATE_H

#include "aggregate/charge.h"
#include "replay/replay.h"

enum aggregate_cost {
        AGGREGATE_LIVE,   /* held at the instant */
        AGGREGATE_LEAKED, /* held at the end */
        AGGREGATE_TOTAL,  /* ever allocated */
        AGGREGATE_COUNT,  /* the same, ordered by calls */
};

struct aggregate_entry {
        /* the place, as in struct symbol_frame; function and module of the largest site in it */
        const char *file, *function, *module;
        uint32_t line;
        bool has_line;
        uint64_t size_bytes, count;
};

struct aggregate {
        struct aggregate_entry *entries;
        size_t count, capacity;
        uint64_t size_bytes, blocks; /* of all entries */
};

/* By line. 0 or a negative errno already reported. The names live as long as the symbols. */
int aggregate_lines(const struct replay *replay, struct charge *charge, enum aggregate_cost cost,
                    struct aggregate *out);

void aggregate_deinit(struct aggregate *aggregate);

/* (size, count, place) or, for AGGREGATE_COUNT, (count, size, place), descending; for qsort_r. */
int aggregate_order(const void *left, const void *right, void *cost);

/* "FILE:LINE", or what stands for it. Heap; NULL: no memory. */
char *aggregate_place(const struct aggregate_entry *entry);

#endif
