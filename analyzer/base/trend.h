/*
 * A straight line through values over time, and how sure its slope is.
 *
 * The line is the least squares fit. Memory at one time is much like memory shortly before, so the usual
 * error of the slope, which takes values for independent, would be far too small: it is Newey and West's
 * (Econometrica 55, 1987), with Bartlett's weights up to a lag of floor(4 (n/100)^(2/9)), a factor n/(n-2),
 * and Student's t with n - 2 degrees of freedom.
 *
 * Must not: know what the values are of.
 */
#ifndef ANALYZER_BASE_TREND_H
#define ANALYZER_BASE_TREND_H

#include <stdbool.h>
#include <stddef.h>

struct trend {
        double slope, intercept;      /* value = intercept + slope * time */
        double slope_low, slope_high; /* the 95 % confidence interval */
};

/* False: fewer than three values, or all at one time. */
bool trend_fit(const double *times, const double *values, size_t count, struct trend *trend);

#endif
