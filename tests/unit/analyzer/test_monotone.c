/*
 * base/inversions and base/monotone: against all orders of few values, against whole-number arithmetic of
 * other makers, and against what was printed.
 */
#include "base/inversions.h"
#include "base/monotone.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* To nine digits of what is there, however small. */
static bool equals(double actual, double expected) {
        return fabs(actual - expected) <= 1e-9 * fabs(expected);
}

static double chance_of(const size_t *groups, size_t group_count, size_t most) {
        struct inversions inversions;
        double sum;

        cr_assert_eq(inversions_init(&inversions, most), 0);
        cr_assert_eq(inversions_add(&inversions, groups, group_count), 0);
        sum = inversions_sum(&inversions);
        inversions_deinit(&inversions);
        return sum;
}

/* Expected: [n]_q! divided by each [t]_q! with Python's whole numbers, added up as fractions. */
Test(inversions, agree_with_the_generating_function) {
        size_t ones[60], twos[30];

        for (size_t i = 0; i < 60; i++)
                ones[i] = 1;
        for (size_t i = 0; i < 30; i++)
                twos[i] = 2;
        cr_assert(equals(chance_of(ones, 20, 50), 0.0014971795584084882));
        cr_assert(equals(chance_of(ones, 60, 700), 0.009071053521756715));
        cr_assert(equals(chance_of(ones, 60, 0), 1.2017804936493226e-82));
        cr_assert(equals(chance_of(ones, 60, 885), 0.5025329631278362));
        cr_assert(equals(chance_of(twos, 30, 600), 0.00024309025036554625));
        cr_assert(equals(chance_of((size_t[]){ 5, 5, 10 }, 3, 20), 0.0008858745313853673));
        cr_assert(equals(chance_of((size_t[]){ 30, 30 }, 2, 300), 0.01316598015128969));
        cr_assert(equals(chance_of((size_t[]){ 1, 9, 1, 20, 3 }, 5, 60), 9.11738956927377e-05));
        cr_assert(equals(chance_of((size_t[]){ 58, 2 }, 2, 3), 0.003389830508474576));
}

Test(inversions, of_nothing_and_of_equal_values_there_are_none) {
        cr_assert_eq(chance_of(NULL, 0, 0), 1);
        cr_assert_eq(chance_of((size_t[]){ 7 }, 1, 0), 1);
        cr_assert_eq(chance_of((size_t[]){ 3, 2 }, 2, 6), 1);
        cr_assert_eq(chance_of((size_t[]){ 3, 2 }, 2, 1000), 1, "more than there can be");
        for (size_t first = 1; first < 20; first++)
                cr_assert_leq(chance_of((size_t[]){ first, 1, 7, 1, first }, 5, 1000), 1, "rounding adds up");
}

static int score(const double *values, const size_t *ends, size_t parts) {
        int score = 0;

        for (size_t p = 0, first = 0; p < parts; first = ends[p++])
                for (size_t i = first; i < ends[p]; i++)
                        for (size_t j = i + 1; j < ends[p]; j++)
                                score += (values[j] > values[i]) - (values[j] < values[i]);
        return score;
}

#define SCORES 64

/* Counts the scores of all orders of values[first..end) with what is before and after as it is. */
static void permute(double *values, size_t first, size_t end, const size_t *ends, size_t parts, size_t part,
                    size_t *counts) {
        if (first == end && part + 1 < parts) {
                permute(values, end, ends[part + 1], ends, parts, part + 1, counts);
        } else if (first == end) {
                counts[SCORES / 2 + score(values, ends, parts)]++;
        } else {
                for (size_t i = first; i < end; i++) {
                        double swapped = values[first];

                        values[first] = values[i];
                        values[i] = swapped;
                        permute(values, first + 1, end, ends, parts, part, counts);
                        values[i] = values[first];
                        values[first] = swapped;
                }
        }
}

/* `values` in the order given has the chance that counting all orders gives it. */
static void assert_as_counted(const double *values, const size_t *ends, size_t parts) {
        size_t counts[SCORES] = {}, all = 0, as_high = 0;
        double copy[8], p = -1;

        memcpy(copy, values, ends[parts - 1] * sizeof(*copy));
        permute(copy, 0, ends[0], ends, parts, 0, counts);
        for (int i = 0; i < SCORES; i++) {
                all += counts[i];
                if (i - SCORES / 2 >= score(values, ends, parts))
                        as_high += counts[i];
        }
        cr_assert_eq(monotone_test(values, ends, parts, &p), 0);
        cr_assert(equals(p, (double)as_high / (double)all), "%g for %zu of %zu", p, as_high, all);
}

Test(monotone, is_exact_for_every_order_of_few_values) {
        static const double values[][6] = {
                { 1, 2, 3, 4, 5, 6 }, { 6, 5, 4, 3, 2, 1 }, { 1, 1, 2, 3, 4, 5 },
                { 1, 1, 1, 2, 2, 3 }, { 2, 1, 2, 1, 2, 1 }, { 4, 4, 4, 4, 1, 4 },
                { 3, 3, 1, 1, 2, 2 }, { 7, 7, 7, 7, 7, 7 }, { 2, 6, 1, 5, 3, 4 }
        };
        static const size_t ends[][3] = { { 6 }, { 2, 6 }, { 3, 6 }, { 1, 3, 6 }, { 2, 4, 6 } };

        for (size_t v = 0; v < sizeof(values) / sizeof(*values); v++)
                for (size_t e = 0; e < sizeof(ends) / sizeof(*ends); e++)
                        assert_as_counted(values[v], ends[e], e == 0 ? 1 : e < 3 ? 2 : 3);
}

/* The chance of a score, and of the values in an order that has it. */
static double chance_of_score(size_t count, int wanted) {
        double values[16], p;

        for (size_t i = 0; i < count; i++)
                values[i] = (double)i;
        /* the least goes up by one place after another, which costs 2 each */
        for (size_t round = 0; round < count && score(values, &count, 1) > wanted; round++)
                for (size_t i = 0; i + 1 < count - round && score(values, &count, 1) > wanted; i++) {
                        double swapped = values[i];

                        values[i] = values[i + 1];
                        values[i + 1] = swapped;
                }
        cr_assert_eq(score(values, &count, 1), wanted);
        cr_assert_eq(monotone_test(values, &count, 1, &p), 0);
        return p;
}

/* Kendall, Rank Correlation Methods, table 1 of the appendix: three decimals. */
Test(monotone, has_kendall_s_table) {
        static const struct {
                size_t count;
                int score;
                double p;
        } table[] = { { 4, 6, 0.042 },  { 5, 6, 0.117 },  { 5, 8, 0.042 },   { 6, 11, 0.028 },
                      { 7, 15, 0.015 }, { 8, 16, 0.031 }, { 9, 18, 0.038 },  { 10, 21, 0.036 },
                      { 10, 9, 0.242 }, { 8, 8, 0.199 },  { 10, 27, 0.008 }, { 9, 0, 0.540 } };

        for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
                double p = chance_of_score(table[i].count, table[i].score);

                cr_assert_lt(fabs(p - table[i].p), 0.0005, "%zu values, %d: %g", table[i].count,
                             table[i].score, p);
        }
}

/* A staircase that goes up and down: with many equal values. */
static void fill_staircase(double *values, size_t count) {
        for (size_t i = 0; i < count; i++)
                values[i] = (double)((i * 37) % 23 + i / 5);
}

Test(monotone, is_exact_up_to_60_values_and_normal_beyond) {
        double values[80], p;
        size_t sixty = 60, eighty = 80;

        fill_staircase(values, 80);
        cr_assert_eq(monotone_test(values, &sixty, 1, &p), 0);
        cr_assert(equals(p, 7.602375943240395e-05), "%.17g", p);
        cr_assert_eq(monotone_test(values, &eighty, 1, &p), 0);
        cr_assert(equals(p, 2.0894458804054075e-07), "%.17g: score 1218, variance 57832.67", p);
}

Test(monotone, what_cannot_rise_has_a_chance_of_one) {
        double values[80] = {}, p = 0;
        size_t none = 0, one = 1, many = 80;

        cr_assert_eq(monotone_test(values, &none, 1, &p), 0);
        cr_assert_eq(p, 1);
        cr_assert_eq(monotone_test(values, &one, 1, &p), 0);
        cr_assert_eq(p, 1);
        p = 0;
        cr_assert_eq(monotone_test(values, &many, 1, &p), 0);
        cr_assert_eq(p, 1, "all the same");
        p = 0;
        cr_assert_eq(monotone_test(values, NULL, 0, &p), 0);
        cr_assert_eq(p, 1, "no part");
}

static void assert_slope(const double *values, size_t count, double confidence, double slope, double low,
                         double high) {
        struct monotone_slope fit;

        cr_assert_eq(monotone_fit(values, count, confidence, &fit), 0);
        cr_assert(equals(fit.slope, slope), "%g", fit.slope);
        cr_assert(equals(fit.low, low), "%g", fit.low);
        cr_assert(equals(fit.high, high), "%g", fit.high);
}

/* Expected: all slopes in order, by Python, and Sen's ranks among them. */
Test(monotone, slopes_and_their_intervals) {
        static const double digits[] = { 3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8 };

        assert_slope(digits, 12, 0.95, 11.0 / 30, -1.0 / 7, 5.0 / 6);
        assert_slope(digits, 12, 0.80, 11.0 / 30, 0, 4.0 / 7);
        assert_slope((double[]){ 10, 20, 20, 40, 35 }, 5, 0.95, 6.875, -5, 20);
        assert_slope((double[]){ 1, 2, 4 }, 3, 0.5, 1.5, 1, 2);
        assert_slope((double[]){ 5, 5, 5, 5 }, 4, 0.95, 0, 0, 0);
        assert_slope((double[]){ 5 }, 1, 0.95, 0, 0, 0);
        assert_slope((double[]){ 7, 4 }, 2, 0.95, -3, -3, -3);
}

Test(monotone, a_median_is_the_middle) {
        cr_assert_eq(monotone_median((double[]){ 3 }, 1), 3);
        cr_assert_eq(monotone_median((double[]){ 3, 1 }, 2), 2);
        cr_assert_eq(monotone_median((double[]){ 9, 1, 1, 8, 2 }, 5), 2);
        cr_assert_eq(monotone_median((double[]){ 4, 4, 4, 1, 4, 9 }, 6), 4);
        cr_assert_eq(monotone_median((double[]){ 6, 5, 4, 3, 2, 1 }, 6), 3.5);
        for (size_t count = 1; count <= 101; count += 2) {
                double values[101];
                size_t below = 0, above = 0;

                for (size_t i = 0; i < count; i++)
                        values[i] = (double)(i * i * 37 % 101 % (count + 7));
                double median = monotone_median(values, count);

                for (size_t i = 0; i < count; i++) {
                        below += values[i] < median;
                        above += values[i] > median;
                }
                cr_assert(below <= count / 2 && above <= count / 2, "%zu values", count);
        }
}

/* The fifteen of Benjamini and Hochberg's own example, of which four are below 5 %; in another order. */
Test(monotone, false_discoveries_as_published) {
        double p[] = { 0.0095, 1.0000, 0.0001, 0.0459, 0.0004, 0.3240, 0.0298, 0.4262,
                       0.0201, 0.5719, 0.0278, 0.6528, 0.0019, 0.7590, 0.0344 };
        static const double adjusted[] = { 0.0095 * 15 / 4, 1,
                                           0.0015,          0.0459 * 15 / 9,
                                           0.0030,          0.3240 * 15 / 10,
                                           0.0298 * 15 / 7, 0.4262 * 15 / 11,
                                           0.0201 * 15 / 5, 0.5719 * 15 / 12,
                                           0.0298 * 15 / 7, 0.6528 * 15 / 13,
                                           0.0019 * 5,      0.7590 * 15 / 14,
                                           0.0344 * 15 / 8 };

        cr_assert_eq(monotone_adjust(p, 15), 0);
        for (size_t i = 0; i < 15; i++)
                cr_assert(equals(p[i], adjusted[i]), "%zu: %g, not %g", i, p[i], adjusted[i]);
        cr_assert_eq(monotone_adjust(p, 0), 0);
}

Test(monotone, equal_chances_are_adjusted_alike) {
        double p[] = { 0.02, 0.5, 0.02, 0.02 };

        cr_assert_eq(monotone_adjust(p, 4), 0);
        cr_assert(equals(p[0], 0.08 / 3) && equals(p[2], 0.08 / 3) && equals(p[3], 0.08 / 3));
        cr_assert(equals(p[1], 0.5));
}
