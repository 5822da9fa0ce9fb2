/*
 * How many pairs of a random order stand the wrong way round: the exact distribution, for values of which
 * some are equal. Inversions of the orders of a multiset with groups of t1, t2, ... equal values have the
 * generating function [n]_q! / ([t1]_q! [t2]_q! ...) (MacMahon, Combinatory Analysis, 1915), a product of
 * Gaussian binomials. Each is built by its recurrence, which has no negative terms, so that small
 * probabilities keep all their digits.
 *
 * Must not: know what the order is of.
 */
#ifndef ANALYZER_BASE_INVERSIONS_H
#define ANALYZER_BASE_INVERSIONS_H

#include <stddef.h>

struct inversions {
        double *chances; /* of exactly so many, from 0 to `most`; heap */
        size_t most;
};

/* Of nothing: surely none. 0, or -ENOMEM. */
int inversions_init(struct inversions *inversions, size_t most);
void inversions_deinit(struct inversions *inversions);

/* Adds those of another `count` values in a random order, of which `groups[i]` are equal. 0, or -ENOMEM. */
int inversions_add(struct inversions *inversions, const size_t *groups, size_t group_count);

/* The chance of `most` or fewer, 0 to 1. */
double inversions_sum(const struct inversions *inversions);

#endif
