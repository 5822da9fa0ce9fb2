/*
 * That what replay/ tells of a whole run (curves, groups, lifetimes, states at marks, slices) is of what is
 * taken of the trace and of nothing else (see choices.h).
 */
#include "base/message.h"
#include "choices.h"
#include "replay/curve.h"
#include "replay/groups.h"
#include "replay/lifetimes.h"
#include "replay/mark_states.h"
#include "replay/moment.h"
#include "replay/slices.h"

#include <criterion/criterion.h>

#define MS 1000000u

TestSuite(domains_over_time, .init = message_silence, .timeout = 120);

static void same_curve(struct trace *mixed, struct trace *alone) {
        uint64_t last_ns = moment_last_ns(alone);
        struct curve one, other;

        cr_assert_eq(curve_make(mixed, 0, last_ns, 37, &one), 0);
        cr_assert_eq(curve_make(alone, 0, last_ns, 37, &other), 0);
        for (size_t i = 0; i < 37; i++) {
                const struct curve_column *left = &one.columns[i], *right = &other.columns[i];

                cr_assert_eq(left->first_bytes, right->first_bytes);
                cr_assert_eq(left->last_bytes, right->last_bytes);
                cr_assert_eq(left->low_bytes, right->low_bytes);
                cr_assert_eq(left->high_bytes, right->high_bytes);
                cr_assert_eq(left->high_units, right->high_units);
                cr_assert_float_eq(left->mean_bytes, right->mean_bytes, 1e-6);
                cr_assert_eq(left->events, right->events, "column %zu: %lu, not %lu", i, left->events,
                             right->events);
        }
        curve_deinit(&one);
        curve_deinit(&other);
}

/* What each interval's groups held, added up into one number that its order does not change. */
struct hearing {
        uint64_t sums[40];
        size_t count;
};

static int hear(void *context, size_t interval, uint32_t group, const struct groups_held *held) {
        struct hearing *hearing = context;

        hearing->sums[interval] +=
                (held->least_bytes * 3 + held->most_bytes * 5 + held->end_bytes * 7) * (group + 1);
        return 0;
}

static int hear_end(void *context, size_t interval, bool unsure) {
        struct hearing *hearing = context;

        cr_assert_eq(interval, hearing->count++);
        cr_assert_not(unsure);
        return 0;
}

static struct hearing hear_groups(struct trace *trace) {
        static const uint32_t group_of[CHOICES_SITES] = { 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3 };
        struct groups_end ends[40];
        struct hearing hearing = { 0 };
        const struct groups_cut cut = { group_of, 4, ends, 40 };
        const struct groups_taker taker = { hear, hear_end, &hearing };

        for (uint64_t i = 0; i < 40; i++)
                ends[i] = groups_end_units(i * 8);
        cr_assert_eq(groups_tell(trace, &cut, &taker), 0);
        cr_assert_eq(hearing.count, 40);
        return hearing;
}

static void same_groups(struct trace *mixed, struct trace *alone) {
        const struct hearing one = hear_groups(mixed), other = hear_groups(alone);

        cr_assert_arr_eq(one.sums, other.sums, sizeof(one.sums));
}

static void same_lifetimes(struct trace *mixed, struct trace *alone) {
        struct lifetimes one, other;

        cr_assert_eq(lifetimes_read(mixed, &one), 0);
        cr_assert_eq(lifetimes_read(alone, &other), 0);
        cr_assert_arr_eq(one.sites, other.sites, CHOICES_SITES * sizeof(*one.sites));
        cr_assert_eq(one.class_count, other.class_count);
        cr_assert_arr_eq(one.classes, other.classes, one.class_count * sizeof(*one.classes));
        cr_assert_arr_eq(&one.all, &other.all, sizeof(one.all));
        lifetimes_deinit(&one);
        lifetimes_deinit(&other);
}

static void same_marks(struct trace *mixed, struct trace *alone) {
        struct mark_state one[CHOICES_BLOCKS * 3], other[CHOICES_BLOCKS * 3];

        cr_assert_leq(mixed->mark_count, sizeof(one) / sizeof(*one));
        cr_assert_eq(mixed->mark_count, alone->mark_count);
        cr_assert_eq(mark_states_read(mixed, one) + mark_states_read(alone, other), 0);
        cr_assert_arr_eq(one, other, mixed->mark_count * sizeof(*one));
}

static void same_slices(struct trace *mixed, struct trace *alone) {
        struct slices one, other;

        cr_assert_eq(slices_find(mixed, 20, &one), 0);
        cr_assert_eq(slices_find(alone, 20, &other), 0);
        cr_assert_eq(one.count, other.count);
        for (size_t i = 0; i < one.count; i++) {
                cr_assert_eq(one.items[i].end_bytes, other.items[i].end_bytes);
                cr_assert_eq(one.items[i].peak_bytes, other.items[i].peak_bytes);
                cr_assert_eq(one.items[i].peak_ns, other.items[i].peak_ns);
        }
        slices_deinit(&one);
        slices_deinit(&other);
}

Test(domains_over_time, what_is_told_over_time_is_of_what_is_taken) {
        struct choices *choices = choices_new(11, false);

        for (size_t choice = 1; choice < CHOICES_COUNT; choice++) {
                struct trace *mixed = choices->traces[0], *alone = choices->traces[choice];

                choices_take(mixed, choice);
                same_curve(mixed, alone);
                same_groups(mixed, alone);
                same_lifetimes(mixed, alone);
                same_marks(mixed, alone);
                same_slices(mixed, alone);
        }
        choices_free(choices);
}

/* In the middle of block 4, which nobody can set right: it goes on from what was known before. */
Test(domains_over_time, a_curve_goes_on_behind_a_lost_block) {
        struct choices *choices = choices_new(3, false);
        struct trace *trace = choices->traces[0];
        const struct mtr_block_header *header = &trace->reader->blocks[4].header;
        uint64_t units = (header->first_time_ns + header->last_time_ns) / 2 / MS;
        struct replay_instant instant;
        struct replay replay;
        struct curve curve;

        choices_take(trace, 4);
        reader_spoil(trace->reader, 3, "lost");
        cr_assert_eq(replay_at(trace, (units - 1) * MS, &instant), 0);
        cr_assert_eq(instant.block, 4);
        cr_assert_eq(replay_init(&replay, trace), 0);
        cr_assert_eq(replay_to(&replay, instant, REPLAY_FROM_BEGINNING), 0);
        cr_assert_eq(curve_make(trace, units * MS, units * MS, 1, &curve), 0);
        cr_assert_eq(curve.columns[0].first_bytes, replay.totals.live_bytes);
        curve_deinit(&curve);
        replay_deinit(&replay);
        choices_free(choices);
}
