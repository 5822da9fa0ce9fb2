/*
 * Several states side by side: which places they have in common, and what each holds in each of them.
 *
 * Places of one name are one; what names alone do not tell is match.h's.
 *
 * Must not: replay, or print.
 */
#ifndef ANALYZER_AGGREGATE_COMPARE_H
#define ANALYZER_AGGREGATE_COMPARE_H

#include "aggregate/key.h"
#include "aggregate/match.h"

struct compare_value {
        uint64_t size_bytes, count;
};

struct comparison {
        struct aggregate places;      /* each as the last state that has it names it; sizes mean nothing */
        struct compare_value *values; /* of places.entries[i] in state k: [i * state_count + k] */
        size_t state_count;
        /* private */
        size_t added, values_capacity;
        struct keys keys;
        struct map by_key; /* what a place is of to its index */
        struct match match;
        const void *whose; /* the run of the state added last */
};

/* For so many states. */
void compare_init(struct comparison *comparison, const struct aggregate_wish *wish, size_t state_count);

void compare_deinit(struct comparison *comparison);

/*
 * The next state, which was added up by the same wish. The names and the run's modules must outlive the
 * comparison, the aggregate need not. 0 or a negative errno already reported.
 */
int compare_add(struct comparison *comparison, const struct aggregate *aggregate,
                const struct match_run *run);

/* What places.entries[index] holds in each state. */
static inline const struct compare_value *compare_values(const struct comparison *comparison, size_t index) {
        return comparison->values + index * comparison->state_count;
}

#endif
