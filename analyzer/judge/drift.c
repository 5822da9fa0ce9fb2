/*
 * See drift.h.
 */
#include "judge/drift.h"

#include "base/message.h"
#include "base/monotone.h"
#include "judge/blocks.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

const struct drift_wish drift_default = {
        .false_alarm_rate = 0.01, .confidence = 0.95, .warm_up_share = 0.2, .places = 1
};

static size_t warm_up_of(size_t count, const struct drift_wish *wish) {
        size_t warm_up = wish->warm_up;

        if (warm_up == 0)
                warm_up = (size_t)ceil(wish->warm_up_share * (double)count);
        return warm_up < 1 ? 1 : warm_up;
}

/* The chance of so many heads or more among so many coins. */
static double sign_test(size_t heads, size_t coins) {
        double exactly = pow(0.5, (double)coins), sum = 0;

        for (size_t k = coins + 1; k-- > heads;) {
                sum += exactly;
                exactly *= (double)k / (double)(coins - k + 1);
        }
        return sum;
}

/* The number of values, of which no order but one has so small a chance. */
static size_t orders_needed(double chance) {
        double of_one = 1;
        size_t count = 1;

        while (of_one > chance)
                of_one /= (double)++count;
        return count;
}

/*
 * Blocks with which a line passes each of the rules: half of them in order, and all of them among all places;
 * three parts of 2 k blocks in order are rarer than k.
 */
static size_t blocks_needed(const struct drift_wish *wish) {
        double rate = wish->false_alarm_rate;
        size_t blocks = 2 * orders_needed(rate);
        size_t among = orders_needed(rate / (double)(wish->places ? wish->places : 1));

        if (blocks < among)
                blocks = among;
        while (sign_test(blocks - 1, blocks - 1) > rate)
                blocks++;
        return blocks;
}

/* The number of repetitions whose rest after the warm-up is `rest` or more. */
static size_t with_warm_up(size_t rest, const struct drift_wish *wish) {
        size_t count = rest + 1;

        while (count < rest + warm_up_of(count, wish))
                count++;
        return count;
}

size_t drift_needed(const struct drift_wish *wish) {
        return with_warm_up(blocks_needed(wish), wish);
}

/* Where the means on both sides differ most, and what a cut there takes from the sum of squares. */
static size_t find_cut(const double *values, size_t count, double *gain) {
        double sum = 0, before = 0;
        size_t cut = 0;

        *gain = -1;
        for (size_t i = 0; i < count; i++)
                sum += values[i];
        for (size_t i = 1; i < count; i++) {
                double step, taken;

                before += values[i - 1];
                step = before / (double)i - (sum - before) / (double)(count - i);
                taken = step * step * (double)i * (double)(count - i) / (double)count;
                if (taken > *gain) {
                        *gain = taken;
                        cut = i;
                }
        }
        return cut;
}

static int test_between_steps(const struct blocks *blocks, double *p) {
        double gain, gain_before, gain_after;
        size_t cut = find_cut(blocks->least, blocks->count, &gain);
        size_t before = find_cut(blocks->least, cut, &gain_before);
        size_t after = cut + find_cut(blocks->least + cut, blocks->count - cut, &gain_after);
        size_t ends[3] = { cut, after, blocks->count };

        if (gain_before >= gain_after) {
                ends[0] = before;
                ends[1] = cut;
        }
        return monotone_test(blocks->least, ends, 3, p);
}

static double test_rises(const struct blocks *blocks, double slope) {
        double least = fmax(0, slope) / 4;
        size_t rises = 0, falls = 0;

        for (size_t i = 1; i < blocks->count; i++) {
                rises += blocks->least[i] - blocks->least[i - 1] > least;
                falls += blocks->least[i - 1] - blocks->least[i] > least;
        }
        return sign_test(rises, rises + falls);
}

static int test(const struct blocks *blocks, double confidence, struct drift *drift) {
        size_t late = blocks->count / 2;
        const double *later = blocks->least + blocks->count - late;
        double length = (double)blocks->length;
        struct monotone_slope all, half;
        int r = monotone_fit(blocks->least, blocks->count, confidence, &all);

        if (r == 0)
                r = monotone_fit(later, late, confidence, &half);
        if (r == 0)
                r = monotone_test(blocks->least, &blocks->count, 1, &drift->p);
        if (r == 0)
                r = monotone_test(later, &late, 1, &drift->late_p);
        if (r == 0)
                r = test_between_steps(blocks, &drift->steps_p);
        if (r)
                return r;
        drift->slope = all.slope / length;
        drift->slope_low = all.low / length;
        drift->slope_high = all.high / length;
        drift->late_slope = half.slope / length;
        drift->rises_p = test_rises(blocks, all.slope);
        drift->tested = true;
        return 0;
}

int drift_measure(const uint64_t *values, size_t count, const struct drift_wish *wish, struct drift *drift) {
        size_t warm_up = warm_up_of(count, wish), fewest = blocks_needed(wish), rest, same = 1;
        struct blocks blocks;
        int r;

        if (warm_up > count)
                warm_up = count;
        rest = count - warm_up;
        values += warm_up;
        *drift = (struct drift){ .p = 1,
                                 .p_adjusted = 1,
                                 .late_p = 1,
                                 .steps_p = 1,
                                 .rises_p = 1,
                                 .repetitions = count,
                                 .warm_up = warm_up };
        while (same < rest && values[same] == values[0])
                same++;
        if (same >= rest) {
                drift->why = "nothing changes after the warm-up";
                return 0;
        }
        if (rest < fewest) {
                drift->verdict = DRIFT_UNDECIDED;
                drift->needed = with_warm_up(fewest, wish);
                drift->why = "there are too few repetitions";
                return 0;
        }
        r = blocks_choose(values, rest, fewest, &blocks);
        if (r == 0)
                r = test(&blocks, wish->confidence, drift);
        if (r)
                return message_errno(ENOMEM, "growth", "cannot judge");
        drift->warm_up = count - blocks.count * blocks.length;
        drift->blocks = blocks.count;
        drift->block_length = blocks.length;
        drift->dependent = blocks.dependent;
        if (isfinite(blocks.span))
                drift->needed = with_warm_up((size_t)blocks.span * fewest, wish);
        blocks_deinit(&blocks);
        return 0;
}

static void decide(struct drift *drift, const struct drift_wish *wish) {
        double rate = wish->false_alarm_rate;

        drift->verdict = DRIFT_STEADY;
        if (drift->p_adjusted > rate) {
                drift->why = "it does not rise more than by chance";
        } else if (drift->slope <= wish->min_slope_bytes || drift->slope_low <= 0) {
                drift->why = "it rises by too little";
        } else if (drift->late_p > rate || drift->late_slope < drift->slope / 2) {
                drift->why = "it levels off";
        } else if (drift->steps_p > rate) {
                drift->why = "it rises in one step or two";
        } else if (drift->dependent && drift->rises_p > rate) {
                drift->verdict = DRIFT_UNDECIDED;
                drift->why = "it goes up and down over too many repetitions";
        } else {
                drift->verdict = DRIFT_GROWS;
                drift->why = "it goes on rising";
        }
}

int drift_decide(struct drift *drifts, size_t count, const struct drift_wish *wish) {
        double *p = malloc((count + 1) * sizeof(*p));
        size_t tested = 0;
        int r = p ? 0 : -ENOMEM;

        for (size_t i = 0; i < count && r == 0; i++)
                if (drifts[i].tested)
                        p[tested++] = drifts[i].p;
        if (r == 0)
                r = monotone_adjust(p, tested);
        if (r) {
                free(p);
                return message_errno(ENOMEM, "growth", "cannot judge");
        }
        for (size_t i = 0, next = 0; i < count; i++)
                if (drifts[i].tested) {
                        drifts[i].p_adjusted = p[next++];
                        decide(&drifts[i], wish);
                }
        free(p);
        return 0;
}
