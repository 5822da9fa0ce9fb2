/*
 * What changed from one state to another, place by place, as tracemalloc's compare_to has it.
 *
 * Must not: match places, or print.
 */
#ifndef ANALYZER_AGGREGATE_DIFFERENCE_H
#define ANALYZER_AGGREGATE_DIFFERENCE_H

#include "aggregate/compare.h"

enum difference_status {
        DIFFERENCE_NEW,
        DIFFERENCE_GONE,
        DIFFERENCE_CHANGED,
        DIFFERENCE_SAME,
        DIFFERENCE_COUNT
};

/* "new", "gone", "changed" and "same" */
extern const char *const difference_names[];

struct difference {
        struct aggregate_entry entry; /* size and count are the later state's */
        struct compare_value earlier;
        enum difference_status status;
};

struct differences {
        const struct aggregate *places;
        struct difference *items;
        size_t count;
        size_t counts[DIFFERENCE_COUNT];
};

/*
 * Of the first two states, ordered by places.wish.sort; by size that is (|size change|, size,
 * |count change|, count, place), descending. The comparison must outlive it. 0 or a negative errno already
 * reported.
 */
int difference_make(const struct comparison *comparison, struct differences *out);
void difference_deinit(struct differences *differences);

/* How far apart two numbers are. */
static inline uint64_t difference_distance(uint64_t earlier, uint64_t later) {
        return later > earlier ? later - earlier : earlier - later;
}

#endif
