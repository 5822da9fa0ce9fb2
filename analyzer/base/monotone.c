/*
 * See monotone.h.
 */
#include "base/monotone.h"

#include "base/inversions.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int by_value(const void *a, const void *b) {
        double left = *(const double *)a, right = *(const double *)b;

        return (left > right) - (left < right);
}

/* Puts the value that would be items[rank] in order there, smaller ones before it and greater ones after it.
 */
static double take(double *items, size_t count, size_t rank) {
        size_t first = 0, last = count - 1;

        while (first < last) {
                double pivot = items[first + (last - first) / 2];
                size_t low = first, high = last;

                for (;;) {
                        double swapped;

                        while (items[low] < pivot)
                                low++;
                        while (items[high] > pivot)
                                high--;
                        if (low >= high)
                                break;
                        swapped = items[low];
                        items[low++] = items[high];
                        items[high--] = swapped;
                }
                if (rank <= high)
                        last = high;
                else
                        first = high + 1;
        }
        return items[rank];
}

double monotone_median(double *items, size_t count) {
        return (take(items, count, count / 2) + take(items, count, (count - 1) / 2)) / 2;
}

/* What Kendall's statistic is made of. */
struct pairs {
        size_t rising, falling;
        double variance; /* of rising - falling */
};

/* Sizes of the groups of equal values, the smallest value's first; `groups` has room for one a value. */
static int count_equal(const double *values, size_t count, size_t *groups, size_t *group_count) {
        double *sorted = malloc((count + 1) * sizeof(*sorted));

        if (!sorted)
                return -ENOMEM;
        memcpy(sorted, values, count * sizeof(*sorted));
        qsort(sorted, count, sizeof(*sorted), by_value);
        *group_count = 0;
        for (size_t i = 0; i < count; i++)
                if (i > 0 && sorted[i] <= sorted[i - 1])
                        groups[*group_count - 1]++;
                else
                        groups[(*group_count)++] = 1;
        free(sorted);
        return 0;
}

static double variance_of(double count) {
        return count * (count - 1) * (2 * count + 5) / 18;
}

static void add_pairs(struct pairs *pairs, const double *values, size_t count, const size_t *groups,
                      size_t group_count) {
        for (size_t i = 0; i < count; i++)
                for (size_t j = i + 1; j < count; j++) {
                        pairs->rising += values[j] > values[i];
                        pairs->falling += values[j] < values[i];
                }
        pairs->variance += variance_of((double)count);
        for (size_t i = 0; i < group_count; i++)
                pairs->variance -= variance_of((double)groups[i]);
}

static double normal_tail(double z) {
        return erfc(z / sqrt(2)) / 2;
}

/* The z beyond which `tail` lies; halved down to the last digit. */
static double normal_quantile(double tail) {
        double low = 0, high = 40;

        for (size_t i = 0; i < 64; i++) {
                double middle = (low + high) / 2;

                if (normal_tail(middle) > tail)
                        low = middle;
                else
                        high = middle;
        }
        return low;
}

int monotone_fit(const double *values, size_t count, double confidence, struct monotone_slope *slope) {
        size_t slope_count = count < 2 ? 0 : count * (count - 1) / 2, used = 0, group_count, beyond;
        double *slopes = malloc((slope_count + 1) * sizeof(*slopes));
        size_t *groups = malloc((count + 1) * sizeof(*groups));
        struct pairs pairs = {};
        int r = -ENOMEM;

        *slope = (struct monotone_slope){};
        if (slopes && groups)
                r = count_equal(values, count, groups, &group_count);
        if (r == 0 && slope_count > 0) {
                for (size_t i = 0; i < count; i++)
                        for (size_t j = i + 1; j < count; j++)
                                slopes[used++] = (values[j] - values[i]) / (double)(j - i);
                add_pairs(&pairs, values, count, groups, group_count);
                /* of the ordered slopes, the one of this number from either end; rounded outwards */
                beyond = (size_t)fmax(1, ((double)slope_count - normal_quantile((1 - confidence) / 2) *
                                                                        sqrt(fmax(0, pairs.variance))) /
                                                 2) -
                         1;
                slope->low = take(slopes, slope_count, beyond);
                slope->high = take(slopes, slope_count, slope_count - 1 - beyond);
                slope->slope = monotone_median(slopes, slope_count);
        }
        free(slopes);
        free(groups);
        return r;
}

/* The exact chance of so few falling pairs. */
static int exact(const double *values, const size_t *ends, size_t parts, size_t falling, size_t *groups,
                 double *p) {
        struct inversions inversions;
        size_t group_count, first = 0;
        int r = inversions_init(&inversions, falling);

        for (size_t i = 0; i < parts && r == 0; first = ends[i++]) {
                r = count_equal(values + first, ends[i] - first, groups, &group_count);
                if (r == 0)
                        r = inversions_add(&inversions, groups, group_count);
        }
        if (r == 0)
                *p = inversions_sum(&inversions);
        inversions_deinit(&inversions);
        return r;
}

int monotone_test(const double *values, const size_t *ends, size_t parts, double *p) {
        size_t count = parts == 0 ? 0 : ends[parts - 1], group_count, first = 0;
        size_t *groups = malloc((count + 1) * sizeof(*groups));
        struct pairs pairs = {};
        int r = groups ? 0 : -ENOMEM;

        for (size_t i = 0; i < parts && r == 0; first = ends[i++]) {
                r = count_equal(values + first, ends[i] - first, groups, &group_count);
                if (r == 0)
                        add_pairs(&pairs, values + first, ends[i] - first, groups, group_count);
        }
        if (r == 0 && count <= MONOTONE_EXACT)
                r = exact(values, ends, parts, pairs.falling, groups, p);
        else if (r == 0 && pairs.variance <= 0)
                *p = 1;
        else if (r == 0)
                *p = normal_tail(((double)pairs.rising - (double)pairs.falling - 1) / sqrt(pairs.variance));
        free(groups);
        return r;
}

int monotone_adjust(double *p, size_t count) {
        double *sorted = malloc((count + 1) * sizeof(*sorted)),
               *adjusted = malloc((count + 1) * sizeof(*adjusted));
        double least = 1;

        if (!sorted || !adjusted) {
                free(sorted);
                free(adjusted);
                return -ENOMEM;
        }
        memcpy(sorted, p, count * sizeof(*sorted));
        qsort(sorted, count, sizeof(*sorted), by_value);
        for (size_t i = count; i-- > 0;) {
                least = fmin(least, sorted[i] * (double)count / (double)(i + 1));
                adjusted[i] = least;
        }
        for (size_t i = 0; i < count; i++) {
                double *at = bsearch(p + i, sorted, count, sizeof(*sorted), by_value);

                p[i] = adjusted[at - sorted]; /* equal ones have the same, whichever is found */
        }
        free(sorted);
        free(adjusted);
        return 0;
}
