/*
 * Does a row of values, one at each step, rise? Without any assumption about how the values are spread.
 *
 * The slope is the median of those of all pairs (Theil, Proc. Kon. Ned. Akad. v. Wetensch. A 53, 1950; Sen,
 * J. Am. Stat. Ass. 63, 1968), with Sen's interval, whose width is that of the statistic below in its normal
 * approximation, equal values allowed for. The evidence is Mann's test (Econometrica 13, 1945) as Kendall has
 * it for equal values (Rank Correlation Methods, 4th ed. 1975): the chance that as many pairs or more rise,
 * less those that fall, when the values come in a random order. Up to MONOTONE_EXACT values this chance is
 * exact; beyond, it is the normal approximation with the variance for equal values and the correction for
 * continuity. Chances of many rows are made the chances of a false discovery among them by Benjamini and
 * Hochberg (J. Royal Stat. Soc. B 57, 1995).
 *
 * The values must not depend on each other; who asks has to see to that.
 *
 * Must not: know what the values are of.
 */
#ifndef ANALYZER_BASE_MONOTONE_H
#define ANALYZER_BASE_MONOTONE_H

#include <stddef.h>

#define MONOTONE_EXACT 60

struct monotone_slope {
        double slope, low, high; /* of the values, for each step */
};

/* The middle of one value or more, or the mean of the two in the middle. Changes their order. */
double monotone_median(double *items, size_t count);

/* `confidence` of the interval, above 0 and below 1. 0, or -ENOMEM; fewer than two values have a slope of 0.
 */
int monotone_fit(const double *values, size_t count, double confidence, struct monotone_slope *slope);

/*
 * The chance of as much rise or more. Values are compared within each of the parts alone: the first ends
 * before values[ends[0]], and so on; the last of `ends` is the number of all values. 0, or -ENOMEM.
 */
int monotone_test(const double *values, const size_t *ends, size_t parts, double *p);

/* Each chance becomes that of false discoveries, were this and all smaller ones taken for true. 0, or
 * -ENOMEM. */
int monotone_adjust(double *p, size_t count);

#endif
