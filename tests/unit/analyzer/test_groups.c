/*
 * replay/groups.c beside a list of all that happened, gone through interval by interval.
 */
#include "base/message.h"
#include "load.h"
#include "story.h"

#include <errno.h>
#include <stdlib.h>

#define MS 1000000u

TestSuite(groups, .init = message_silence);

Test(groups, hold_what_the_events_leave_them_in_each_interval) {
        struct groups_end ends[ENDS_MAX];

        for (uint64_t seed = 88172645463325252u; seed < 88172645463325252u + 5; seed++) {
                struct story *story = story_new(seed);
                struct trace *trace = load_whole(story->tb);
                uint64_t last = story->tb->time_ns / MS;

                for (size_t way = 0; way < 8; way++) {
                        static const size_t steps[] = { 1, 7, 50, 1200 };
                        static const uint64_t units[] = { 1, 9, 200, 100000 };
                        size_t count =
                                way < 4 ? story_cut_by_events(story, steps[way], ends)
                                        : story_cut_by_time(way % 2, units[way - 4],
                                                            last + 300 > units[way - 4] ? last + 300
                                                                                        : units[way - 4],
                                                            ends);
                        struct told *told = story_told_of(trace, ends, count);

                        cr_assert_leq(count, ENDS_MAX);
                        story_compare(story, ends, told, 0, count);
                        for (size_t k = 0; k < count; k++)
                                cr_assert(told[k].ended && !told[k].unsure);
                        free(told);
                }
                story_free(story, trace);
        }
}

Test(groups, are_all_one_where_none_are_given) {
        struct tb *tb = tb_new(1, MTR_STORED);
        uint32_t small = tb_site(tb, 0, 10, MTR_KIND_MALLOC), large = tb_site(tb, 0, 100, MTR_KIND_MALLOC);
        const struct groups_end ends[] = { groups_end_units(1), groups_end_units(2) };
        struct telling telling = { calloc(2, sizeof(*telling.told)), 0, 0 };
        const struct groups_taker taker = { story_take, story_end, &telling };
        const struct groups_cut cut = { NULL, 1, ends, 2 };
        struct trace *trace;

        tb_alloc(tb, small);
        tb_at(tb, 2 * MS);
        tb_alloc(tb, large);
        tb_release(tb, small, false);
        tb_at(tb, 3 * MS);
        tb_alloc(tb, large); /* in no interval */
        tb_end(tb, MTR_END_EXITED, 0);
        trace = load_whole(tb);
        cr_assert_eq(groups_tell(trace, &cut, &taker), 0);
        cr_assert_eq(telling.count, 2);
        cr_assert_eq(telling.told[0].held[0].least_bytes, 0);
        cr_assert_eq(telling.told[0].held[0].most_bytes, 10);
        cr_assert_eq(telling.told[0].held[0].end_bytes, 10);
        cr_assert_eq(telling.told[1].held[0].least_bytes, 10);
        cr_assert_eq(telling.told[1].held[0].most_bytes, 110);
        cr_assert_eq(telling.told[1].held[0].end_bytes, 100);
        free(telling.told);
        trace_free(trace);
        tb_free(tb);
}

Test(groups, hand_on_what_their_taker_says) {
        struct story *story = story_new(3);
        struct trace *trace = load_whole(story->tb);
        const struct groups_end ends[] = { groups_end_units(1), groups_end_units(2) };
        struct telling telling = { calloc(2, sizeof(*telling.told)), 0, -EIO };
        const struct groups_taker taker = { story_take, story_end, &telling };
        const struct groups_cut cut = { story_group_of, GROUPS + 1, ends, 2 };

        cr_assert_eq(groups_tell(trace, &cut, &taker), -EIO);
        cr_assert_eq(telling.count, 1);
        free(telling.told);
        story_free(story, trace);
}
