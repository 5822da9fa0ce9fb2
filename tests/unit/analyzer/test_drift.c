/*
 * judge/blocks and judge/drift: each rule by itself, with numbers that other programs worked out.
 */
#include "judge/blocks.h"
#include "judge/drift.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

/* `base` with one field set. */
#define WITH(base, ...)                                                                                      \
        ({                                                                                                   \
                __typeof__(base) with = base;                                                                \
                with.__VA_ARGS__;                                                                            \
                with;                                                                                        \
        })
static struct drift_wish usual(void) {
        return drift_default;
}

#define CHANGED(...) WITH(usual(), __VA_ARGS__)

static bool equals(double actual, double expected) {
        return fabs(actual - expected) <= 1e-9 * fabs(expected);
}

/* The place alone. */
static struct drift judge(const uint64_t *values, size_t count, struct drift_wish wish) {
        struct drift drift;

        cr_assert_eq(drift_measure(values, count, &wish, &drift), 0);
        cr_assert_eq(drift_decide(&drift, 1, &wish), 0);
        return drift;
}

static void fill_line(uint64_t *values, size_t count, uint64_t slope_bytes) {
        for (size_t i = 0; i < count; i++)
                values[i] = 1000 + i * slope_bytes;
}

/* Teeth of 4096 bytes a repetition, so many repetitions long, over a line. */
static void fill_teeth(uint64_t *values, size_t count, size_t length, uint64_t slope_bytes) {
        fill_line(values, count, slope_bytes);
        for (size_t i = 0; i < count; i++)
                values[i] += i % length * 4096;
}

static void assert_blocks(const uint64_t *values, size_t count, size_t length, double span, bool dependent) {
        struct blocks blocks;

        cr_assert_eq(blocks_choose(values, count, 10, &blocks), 0);
        cr_assert_eq(blocks.length, length, "%zu", blocks.length);
        cr_assert_eq(blocks.count, count / length);
        cr_assert_eq(blocks.span, span, "%g", blocks.span);
        cr_assert_eq(blocks.dependent, dependent);
        for (size_t b = 0, first = count % length; b < blocks.count; b++, first += length) {
                uint64_t least = values[first];

                for (size_t i = 1; i < length; i++)
                        least = values[first + i] < least ? values[first + i] : least;
                cr_assert_eq(blocks.least[b], (double)least, "block %zu", b);
        }
        blocks_deinit(&blocks);
}

/* Spans worked out by Python: 0.12 to 2, 1.57 to 2, 5.86 to 6, 18.2 to 19; a tooth of 40 has no end. */
Test(blocks, are_as_long_as_neighbours_are_alike) {
        uint64_t values[1000], load = 0;

        fill_teeth(values, 80, 2, 0);
        assert_blocks(values, 80, 2, 1, false);
        fill_teeth(values, 80, 5, 64);
        assert_blocks(values, 80, 5, 2, false);
        assert_blocks(values, 77, 5, 2, false);
        for (size_t i = 0; i < 80; i++)
                values[i] = i * i * 7 % 31;
        assert_blocks(values, 40, 3, 2, false);
        for (size_t i = 0; i < 80; i++)
                values[i] = (i * i * 15 + i) % 29;
        assert_blocks(values, 40, 2, 2, false); /* 3 is better by less than a fifth */
        for (size_t i = 0; i < 80; i++)
                values[i] = load = load * 6 / 10 + (i * i * 7 + 3 * i) % 31 * 100;
        assert_blocks(values, 80, 8, 19, true);
        for (size_t i = 0; i < 80; i++)
                values[i] = i % 40 < 20 ? i % 40 : 40 - i % 40;
        assert_blocks(values, 80, 8, INFINITY, true);
}

Test(blocks, of_a_line_are_short_but_never_more_than_are_tested_exactly) {
        uint64_t values[1000];

        fill_line(values, 1000, 64);
        assert_blocks(values, 60, 1, 1, false);
        assert_blocks(values, 61, 2, 1, false);
        assert_blocks(values, 1000, 17, 1, false);
        fill_teeth(values, 1000, 20, 64);
        assert_blocks(values, 1000, 20, 5, false);
}

Test(blocks, may_have_to_be_more_than_are_tested_exactly) {
        uint64_t values[70];
        struct blocks blocks;

        fill_line(values, 70, 64);
        cr_assert_eq(blocks_choose(values, 70, 70, &blocks), 0);
        cr_assert_eq(blocks.count, 70);
        blocks_deinit(&blocks);
}

Test(drift, repetitions_that_are_needed) {
        struct {
                struct drift_wish wish;
                size_t needed;
        } cases[] = { { drift_default, 13 },
                      { CHANGED(places = 0), 13 },
                      { CHANGED(places = 36288), 13 },
                      { CHANGED(places = 36289), 14 },
                      { CHANGED(places = 1000000), 15 },
                      { CHANGED(warm_up = 5), 15 },
                      { CHANGED(warm_up_share = 0), 11 },
                      { CHANGED(warm_up_share = 0.5), 20 },
                      { CHANGED(false_alarm_rate = 0.05), 10 },
                      { CHANGED(false_alarm_rate = 0.5), 5 },
                      { CHANGED(false_alarm_rate = 0.001), 18 },
                      { CHANGED(false_alarm_rate = 0.000001), 27 } };

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
                cr_assert_eq(drift_needed(&cases[i].wish), cases[i].needed, "%zu: %zu", i,
                             drift_needed(&cases[i].wish));
        cr_assert_eq(drift_needed(&drift_default), 13);
}

/* With as many as are needed a line is told among all the places, with one less it is not. */
Test(drift, what_is_needed_is_enough) {
        static const size_t places[] = { 1, 1000, 36288, 36289, 1000000 };
        static const double rates[] = { 0.5, 0.2, 0.05, 0.01, 0.001, 0.000001 };
        uint64_t values[64];

        fill_line(values, 64, 64);
        for (size_t p = 0; p < 5; p++)
                for (size_t r = 0; r < 6; r++) {
                        struct drift_wish wish =
                                CHANGED(places = places[p], with.false_alarm_rate = rates[r]);
                        size_t needed = drift_needed(&wish);
                        struct drift drift = judge(values, needed, wish);

                        cr_assert_eq(drift.verdict, DRIFT_GROWS, "%s", drift.why);
                        cr_assert_leq(drift.p * (double)places[p], rates[r]);
                        drift = judge(values, needed - 1, wish);
                        cr_assert_eq(drift.verdict, DRIFT_UNDECIDED);
                        cr_assert_eq(drift.needed, needed);
                        cr_assert_str_eq(drift.why, "there are too few repetitions");
                        cr_assert_not(drift.tested);
                        cr_assert_eq(drift.p_adjusted, 1);
                }
}

Test(drift, a_line_grows) {
        uint64_t values[103];
        struct drift drift;

        fill_line(values, 20, 64);
        drift = judge(values, 20, drift_default);
        cr_assert_eq(drift.verdict, DRIFT_GROWS);
        cr_assert_str_eq(drift.why, "it goes on rising");
        cr_assert(equals(drift.slope, 64) && equals(drift.slope_low, 64) && equals(drift.slope_high, 64));
        cr_assert(equals(drift.p, 1 / 20922789888000.0), "16 in order: %g", drift.p);
        cr_assert(equals(drift.p_adjusted, drift.p));
        cr_assert(equals(drift.late_p, 1 / 40320.0) && equals(drift.late_slope, 64));
        cr_assert_eq(drift.repetitions, 20);
        cr_assert_eq(drift.warm_up, 4);
        cr_assert_eq(drift.blocks, 16);
        cr_assert_eq(drift.block_length, 1);
        cr_assert_not(drift.dependent);
}

/* 103 repetitions: 21 are the warm-up, and two more do not make a block. */
Test(drift, a_line_beneath_teeth_grows) {
        uint64_t values[103];
        struct drift drift;

        fill_teeth(values, 103, 5, 64);
        drift = judge(values, 103, drift_default);
        cr_assert_eq(drift.verdict, DRIFT_GROWS, "%s", drift.why);
        cr_assert_eq(drift.warm_up, 23);
        cr_assert_eq(drift.blocks, 16);
        cr_assert_eq(drift.block_length, 5);
        cr_assert(equals(drift.slope, 64) && equals(drift.slope_low, 64) && equals(drift.slope_high, 64));
        cr_assert(equals(drift.late_slope, 64));
        fill_teeth(values, 103, 5, 0);
        drift = judge(values, 103, drift_default);
        cr_assert_eq(drift.verdict, DRIFT_STEADY);
        cr_assert_str_eq(drift.why, "it does not rise more than by chance");
        cr_assert_eq(drift.p, 1);
        cr_assert_eq(drift.slope, 0);
}

Test(drift, the_warm_up_does_not_count) {
        uint64_t values[100];
        struct drift drift;

        for (size_t i = 0; i < 100; i++)
                values[i] = i < 20 ? i * 1000 : 20000;
        drift = judge(values, 100, drift_default);
        cr_assert_eq(drift.verdict, DRIFT_STEADY);
        cr_assert_str_eq(drift.why, "nothing changes after the warm-up");
        cr_assert_eq(drift.warm_up, 20);
        cr_assert_eq(drift.blocks, 0);
        cr_assert_eq(drift.p, 1);
        cr_assert_not(drift.tested);
        drift = judge(values, 100, CHANGED(warm_up_share = 0.191));
        cr_assert_not(drift.tested, "of 100 that is 20, rounded up");
        drift = judge(values, 100, CHANGED(warm_up = 19));
        cr_assert(drift.tested);
        drift = judge(values, 100, CHANGED(warm_up_share = 0));
        cr_assert_eq(drift.warm_up + drift.blocks * drift.block_length, 100);
        cr_assert_eq((100 - drift.warm_up) / drift.block_length, 99 / drift.block_length, "at least one");
        drift = judge(values, 100, CHANGED(warm_up = 200));
        cr_assert_eq(drift.warm_up, 100);
        cr_assert_eq(drift.verdict, DRIFT_STEADY);
        drift = judge(values, 0, drift_default);
        cr_assert_eq(drift.warm_up, 0);
        cr_assert_eq(drift.verdict, DRIFT_STEADY);
}

Test(drift, what_levels_off_has_stopped) {
        uint64_t values[100], left = 1 << 20;
        struct drift drift;

        for (size_t i = 0; i < 100; i++)
                values[i] = i < 60 ? i * 100 : 6000;
        drift = judge(values, 100, drift_default);
        cr_assert_eq(drift.verdict, DRIFT_STEADY);
        cr_assert_str_eq(drift.why, "it levels off");
        for (size_t i = 0; i < 100; i++, left -= left / 20)
                values[i] = (1 << 20) - left;
        drift = judge(values, 100, drift_default);
        cr_assert_eq(drift.verdict, DRIFT_STEADY);
        cr_assert_str_eq(drift.why, "it levels off");
        cr_assert(equals(drift.late_p, 1 / 120.0), "it rises to the end");
        cr_assert_lt(drift.late_slope, drift.slope / 2);
}

/* Two steps at random places of a walk, and a walk; the first of their kind from a generator. */
Test(drift, steps_and_walks_do_not_grow) {
        static const uint64_t steps[] = { 8534, 8581, 8594, 8654, 8799, 8739, 8645, 8754, 8932, 8968,
                                          9046, 9008, 8884, 8826, 9040, 9031, 9140, 9243, 9256, 9186 };
        static const uint64_t walk[] = { 8468, 8590, 8689, 8841, 8722, 8600, 8737, 8771, 8766, 8838,
                                         8927, 9003, 8941, 8951, 9005, 9031, 9090, 9240, 9448, 9463 };
        struct drift drift = judge(steps, 20, drift_default);

        cr_assert_eq(drift.verdict, DRIFT_STEADY);
        cr_assert_str_eq(drift.why, "it rises in one step or two");
        cr_assert_leq(drift.late_p, 0.01);
        cr_assert(equals(drift.steps_p, 0.4516141814557613), "cut before the 4th and the 10th: %g",
                  drift.steps_p);
        drift = judge(walk, 20, drift_default);
        cr_assert_eq(drift.verdict, DRIFT_UNDECIDED);
        cr_assert_str_eq(drift.why, "it goes up and down over too many repetitions");
        cr_assert(drift.dependent);
        cr_assert(equals(drift.rises_p, 92.0 / 8192), "%g", drift.rises_p * 8192);
        cr_assert(equals(drift.slope_low, 101.0 / 3) && equals(drift.slope_high, 59.5));
}

/* What measures a clear growth, to be spoilt by one rule. */
static struct drift clear(void) {
        return (struct drift){ .tested = true,
                               .p = 1e-6,
                               .slope = 64,
                               .slope_low = 60,
                               .late_p = 0.01,
                               .late_slope = 32,
                               .steps_p = 0.01,
                               .dependent = true,
                               .rises_p = 0.01 };
}

static void assert_decided(struct drift drift, enum drift_verdict verdict, const char *why) {
        struct drift_wish wish = CHANGED(min_slope_bytes = 63);

        cr_assert_eq(drift_decide(&drift, 1, &wish), 0);
        cr_assert_eq(drift.verdict, verdict, "%s", drift.why);
        cr_assert_str_eq(drift.why, why);
}

Test(drift, each_rule_by_itself) {
        assert_decided(clear(), DRIFT_GROWS, "it goes on rising");
        assert_decided(WITH(clear(), p = 0.01), DRIFT_GROWS, "it goes on rising");
        assert_decided(WITH(clear(), p = 0.010001), DRIFT_STEADY, "it does not rise more than by chance");
        assert_decided(WITH(clear(), slope = 63), DRIFT_STEADY, "it rises by too little");
        assert_decided(WITH(clear(), slope_low = 0), DRIFT_STEADY, "it rises by too little");
        assert_decided(WITH(clear(), slope_low = 0.001), DRIFT_GROWS, "it goes on rising");
        assert_decided(WITH(clear(), late_p = 0.010001), DRIFT_STEADY, "it levels off");
        assert_decided(WITH(clear(), late_slope = 31.999), DRIFT_STEADY, "it levels off");
        assert_decided(WITH(clear(), steps_p = 0.010001), DRIFT_STEADY, "it rises in one step or two");
        assert_decided(WITH(clear(), rises_p = 0.010001), DRIFT_UNDECIDED,
                       "it goes up and down over too many repetitions");
        assert_decided(WITH(clear(), rises_p = 1, with.dependent = false), DRIFT_GROWS, "it goes on rising");
}

/* 0.004 is enough alone, and beside another as small; among three tested ones it is not. */
Test(drift, places_are_decided_together) {
        struct drift drifts[4] = { clear(), {}, clear(), clear() };

        drifts[0].p = drifts[2].p = 0.004;
        drifts[3].p = 0.9;
        cr_assert_eq(drift_decide(drifts, 4, &drift_default), 0);
        cr_assert(equals(drifts[0].p_adjusted, 0.006) && equals(drifts[2].p_adjusted, 0.006));
        cr_assert_eq(drifts[0].verdict, DRIFT_GROWS);
        cr_assert_eq(drifts[2].verdict, DRIFT_GROWS);
        cr_assert_eq(drifts[3].verdict, DRIFT_STEADY);
        drifts[2].p = 0.8;
        cr_assert_eq(drift_decide(drifts, 4, &drift_default), 0);
        cr_assert(equals(drifts[0].p_adjusted, 0.012));
        cr_assert_eq(drifts[0].verdict, DRIFT_STEADY);
        cr_assert_eq(drift_decide(NULL, 0, &drift_default), 0);
}

/* Spans as above: 19 repetitions, and one without end. */
Test(drift, how_many_would_do) {
        uint64_t values[100] = {}, load = 0;
        struct drift drift;

        for (size_t i = 0; i < 80; i++)
                values[20 + i] = load = load * 6 / 10 + (i * i * 7 + 3 * i) % 31 * 100;
        drift = judge(values, 100, drift_default);
        cr_assert(drift.dependent);
        cr_assert_eq(drift.needed, 238, "ten times 19, and a fifth before: %zu", drift.needed);
        drift = judge(values, 100, CHANGED(warm_up = 20));
        cr_assert_eq(drift.needed, 210);
        for (size_t i = 0; i < 80; i++)
                values[20 + i] = 1000 + (i % 40 < 20 ? i % 40 : 40 - i % 40);
        drift = judge(values, 100, drift_default);
        cr_assert(drift.dependent);
        cr_assert_eq(drift.needed, 0);
}
