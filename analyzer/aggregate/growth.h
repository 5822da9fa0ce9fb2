/*
 * Which places grow over several states, as objgraph's show_growth tells it: a place grows in a step if it
 * then has more than in every state before.
 *
 * Must not: match places, or print.
 */
#ifndef ANALYZER_AGGREGATE_GROWTH_H
#define ANALYZER_AGGREGATE_GROWTH_H

#include "aggregate/compare.h"

struct growth {
        struct aggregate_entry entry;       /* size and count are the highest of any state */
        const struct compare_value *values; /* in each state; the comparison's */
        size_t steps;                       /* in how many of state_count - 1 it grew */
};

struct growths {
        const struct aggregate *places;
        struct growth *items; /* those that grew in at least one step */
        size_t count;
        size_t step_count;
        size_t every_step; /* so many grew in each */
};

/*
 * Growth is of sizes, or of counts with AGGREGATE_BY_COUNT. Ordered by (growth of that, the highest of that,
 * growth of the other, place) descending, or by place. The comparison must outlive it. 0 or a negative errno
 * already reported.
 */
int growth_make(const struct comparison *comparison, struct growths *out);
void growth_deinit(struct growths *growths);

#endif
