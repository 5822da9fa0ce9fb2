/*
 * replay/groups.c beside a list of all that happened, gone through interval by interval.
 */
#include "base/message.h"
#include "load.h"
#include "replay/groups.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MS 1000000u
#define SITES 6u
#define GROUPS 3u
#define BLOCKS 6u
#define BLOCK_EVENTS 200u
#define ENDS_MAX 3000u

/* The group with the number SITES has no site. */
static const uint32_t group_of[SITES] = { 0, 1, GROUPS_NONE, 0, 1, 2 };

struct happened {
        uint64_t units;
        struct replay_instant at; /* after it */
        uint32_t site;
        int64_t bytes; /* more, or less */
};

struct story {
        struct tb *tb;
        struct happened events[BLOCKS * BLOCK_EVENTS];
        size_t count;
        uint64_t random;
};

/* What was told of an interval. */
struct told {
        struct groups_held held[GROUPS + 1];
        bool taken[GROUPS + 1], ended, unsure;
};

struct telling {
        struct told *told;
        size_t count;
        int refuse; /* the answer to the first end */
};

static uint64_t next_random(struct story *story) {
        story->random ^= story->random << 13, story->random ^= story->random >> 7,
                story->random ^= story->random << 17;
        return story->random;
}

/* Bursts and pauses. */
static struct story *tell(uint64_t seed) {
        struct story *story = calloc(1, sizeof(*story));
        struct tb *tb = story->tb = tb_new(1, MTR_STORED);

        story->random = seed;
        for (uint32_t i = 0; i < SITES; i++)
                tb_site(tb, 0, 1u << (3 * i), MTR_KIND_MALLOC);
        for (size_t b = 0; b < BLOCKS; b++) {
                for (size_t i = 0; i < BLOCK_EVENTS; i++) {
                        uint32_t site = (uint32_t)(next_random(story) % SITES);
                        bool release = next_random(story) % 2 && tb->site_books[site].live > 0;

                        if (next_random(story) % 8 == 0)
                                tb_at(tb, tb->time_ns + next_random(story) % (20 * MS));
                        if (release)
                                tb_release(tb, site, false);
                        else
                                tb_alloc(tb, site);
                        story->events[story->count++] =
                                (struct happened){ tb->time_ns / MS,
                                                   { b, i + 1 },
                                                   site,
                                                   release ? -(int64_t)(1u << (3 * site))
                                                           : (int64_t)(1u << (3 * site)) };
                }
                if (b + 1 == BLOCKS)
                        break;
                tb_block(tb);
                if (b % 2)
                        tb_checkpoint(tb);
        }
        tb_end(tb, MTR_END_EXITED, 0);
        return story;
}

static void forget(struct story *story, struct trace *trace) {
        trace_free(trace);
        tb_free(story->tb);
        free(story);
}

static int take(void *context, size_t interval, uint32_t group, const struct groups_held *held) {
        struct told *told = &((struct telling *)context)->told[interval];

        cr_assert_eq(interval, ((struct telling *)context)->count);
        cr_assert_lt(group, GROUPS + 1);
        cr_assert_not(told->taken[group]);
        told->taken[group] = true;
        told->held[group] = *held;
        return 0;
}

static int end(void *context, size_t interval, bool unsure) {
        struct telling *telling = context;

        cr_assert_eq(interval, telling->count++);
        telling->told[interval].ended = true;
        telling->told[interval].unsure = unsure;
        return telling->refuse;
}

static struct told *told_of(struct trace *trace, const struct groups_end *ends, size_t count) {
        struct telling telling = { calloc(count, sizeof(*telling.told)), 0, 0 };
        const struct groups_taker taker = { take, end, &telling };
        const struct groups_cut cut = { group_of, GROUPS + 1, ends, count };

        cr_assert_eq(groups_tell(trace, &cut, &taker), 0);
        cr_assert_eq(telling.count, count);
        return telling.told;
}

static bool is_in(const struct happened *event, const struct groups_end *limit) {
        return event->units <= limit->units &&
               (event->at.block < limit->at.block ||
                (event->at.block == limit->at.block && event->at.event <= limit->at.event));
}

/* Of the intervals in [from, to), of groups whose state is known at the begin of each. */
static void compare(const struct story *story, const struct groups_end *ends, const struct told *told,
                    size_t from, size_t to) {
        int64_t live[GROUPS + 1] = { 0 };
        size_t at = 0;

        for (size_t k = 0; k < to; k++) {
                int64_t least[GROUPS + 1], most[GROUPS + 1];
                bool moved[GROUPS + 1] = { false };

                memcpy(least, live, sizeof(live));
                memcpy(most, live, sizeof(live));
                for (; at < story->count && is_in(&story->events[at], &ends[k]); at++) {
                        uint32_t group = group_of[story->events[at].site];

                        if (group == GROUPS_NONE)
                                continue;
                        moved[group] = true;
                        live[group] += story->events[at].bytes;
                        least[group] = live[group] < least[group] ? live[group] : least[group];
                        most[group] = live[group] > most[group] ? live[group] : most[group];
                }
                for (size_t g = 0; k >= from && g < GROUPS + 1; g++) {
                        cr_assert_eq(told[k].taken[g], moved[g], "interval %zu, group %zu", k, g);
                        if (!moved[g])
                                continue;
                        cr_assert_eq(told[k].held[g].least_bytes, (uint64_t)least[g],
                                     "interval %zu, group %zu", k, g);
                        cr_assert_eq(told[k].held[g].most_bytes, (uint64_t)most[g], "interval %zu, group %zu",
                                     k, g);
                        cr_assert_eq(told[k].held[g].end_bytes, (uint64_t)live[g], "interval %zu, group %zu",
                                     k, g);
                }
        }
}

/* Every `step` events, and some twice. */
static size_t cut_by_events(const struct story *story, size_t step, struct groups_end *ends) {
        size_t count = 0;

        ends[count++] = groups_end_at((struct replay_instant){ 0, 0 });
        for (size_t i = step - 1; i < story->count; i += step) {
                ends[count++] = groups_end_at(story->events[i].at);
                if (i % 3 == 0)
                        ends[count++] = groups_end_at(story->events[i].at);
                /* after a block's last event is before the next one's first */
                if (story->events[i].at.event == BLOCK_EVENTS)
                        ends[count++] =
                                groups_end_at((struct replay_instant){ story->events[i].at.block + 1, 0 });
        }
        ends[count++] = groups_end_at((struct replay_instant){ BLOCKS, 0 });
        return count;
}

static size_t cut_by_time(uint64_t first, uint64_t step, uint64_t last, struct groups_end *ends) {
        size_t count = 0;

        for (uint64_t units = first; units <= last; units += step)
                ends[count++] = groups_end_units(units);
        return count;
}

TestSuite(groups, .init = message_silence);

Test(groups, hold_what_the_events_leave_them_in_each_interval) {
        struct groups_end ends[ENDS_MAX];

        for (uint64_t seed = 88172645463325252u; seed < 88172645463325252u + 5; seed++) {
                struct story *story = tell(seed);
                struct trace *trace = load_whole(story->tb);
                uint64_t last = story->tb->time_ns / MS;

                for (size_t way = 0; way < 8; way++) {
                        static const size_t steps[] = { 1, 7, 50, 1200 };
                        static const uint64_t units[] = { 1, 9, 200, 100000 };
                        size_t count = way < 4 ? cut_by_events(story, steps[way], ends)
                                               : cut_by_time(way % 2, units[way - 4],
                                                             last + 300 > units[way - 4] ? last + 300
                                                                                         : units[way - 4],
                                                             ends);
                        struct told *told = told_of(trace, ends, count);

                        cr_assert_leq(count, ENDS_MAX);
                        compare(story, ends, told, 0, count);
                        for (size_t k = 0; k < count; k++)
                                cr_assert(told[k].ended && !told[k].unsure);
                        free(told);
                }
                forget(story, trace);
        }
}

Test(groups, are_all_one_where_none_are_given) {
        struct tb *tb = tb_new(1, MTR_STORED);
        uint32_t small = tb_site(tb, 0, 10, MTR_KIND_MALLOC), large = tb_site(tb, 0, 100, MTR_KIND_MALLOC);
        const struct groups_end ends[] = { groups_end_units(1), groups_end_units(2) };
        struct telling telling = { calloc(2, sizeof(*telling.told)), 0, 0 };
        const struct groups_taker taker = { take, end, &telling };
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
        struct story *story = tell(3);
        struct trace *trace = load_whole(story->tb);
        const struct groups_end ends[] = { groups_end_units(1), groups_end_units(2) };
        struct telling telling = { calloc(2, sizeof(*telling.told)), 0, -EIO };
        const struct groups_taker taker = { take, end, &telling };
        const struct groups_cut cut = { group_of, GROUPS + 1, ends, 2 };

        cr_assert_eq(groups_tell(trace, &cut, &taker), -EIO);
        cr_assert_eq(telling.count, 1);
        free(telling.told);
        forget(story, trace);
}

/* What the block before says last, or its own header first, to what the block with the next checkpoint does.
 */
static void lose(size_t lost, bool with_header, size_t checkpoint) {
        struct story *story = tell(77);
        struct trace *trace = load_whole(story->tb);
        const struct reader_block *blocks = trace->reader->blocks;
        struct groups_end ends[ENDS_MAX];
        size_t count = cut_by_time(0, 5, story->tb->time_ns / MS, ends), after;
        uint64_t begin = with_header ? blocks[lost - 1].header.last_time_ns / MS
                                     : blocks[lost].header.first_time_ns / MS;
        uint64_t known = checkpoint < BLOCKS ? blocks[checkpoint].header.first_time_ns / MS : UINT64_MAX;
        struct told *told;

        story->tb->file.data[blocks[lost].offset_bytes - with_header] ^= 1;
        trace_free(trace);
        trace = load(story->tb);
        cr_assert_gt(trace->reader->damage_count, 0);
        told = told_of(trace, ends, count);
        for (size_t k = 0; k < count; k++) {
                uint64_t first = k ? ends[k - 1].units + 1 : 0;

                cr_assert_eq(told[k].unsure, ends[k].units >= begin && first <= known, "interval %zu", k);
        }
        for (after = 0; after < count && (after == 0 || ends[after - 1].units < known); after++)
                ;
        compare(story, ends, told, after, count);
        compare(story, ends, told, 0, begin / 5);
        free(told);
        forget(story, trace);
}

Test(groups, are_told_as_unsure_from_a_loss_to_a_checkpoint) {
        for (int with_header = 0; with_header < 2; with_header++) {
                lose(1, with_header, 2); /* what follows has it */
                lose(2, with_header, 4); /* lost with its checkpoint */
                lose(3, with_header, 4);
                lose(4, with_header, BLOCKS); /* nothing tells any more */
        }
}

Test(groups, are_unsure_where_the_last_block_turns_out_to_be_nonsense) {
        struct tb *tb = tb_new(1, MTR_STORED);
        uint32_t site = tb_site(tb, 0, 8, MTR_KIND_MALLOC);
        const struct groups_end ends[] = { groups_end_units(1), groups_end_units(4), groups_end_units(9) };
        struct trace *trace;
        struct told *told;

        tb_alloc(tb, site);
        tb_at(tb, 2 * MS);
        tb_alloc(tb, site);
        tb_block(tb);
        tb_at(tb, 8 * MS);
        tb_alloc(tb, site);
        tb_event_raw(tb, 99u << 3 | MTR_CONTROL); /* no such thread */
        tb_end(tb, MTR_END_EXITED, 0);
        trace = load_whole(tb);
        told = told_of(trace, ends, 3);
        cr_assert(!told[0].unsure && told[1].unsure == false && told[2].unsure);
        cr_assert_eq(told[0].held[0].end_bytes, 8);
        cr_assert_eq(told[1].held[0].end_bytes, 16);
        free(told);
        trace_free(trace);
        tb_free(tb);
}

Test(groups, end_with_a_block_that_has_fewer_events_than_they_say) {
        struct tb *tb = tb_new(1, MTR_STORED);
        uint32_t site = tb_site(tb, 0, 8, MTR_KIND_MALLOC);
        const struct groups_end ends[] = { groups_end_at((struct replay_instant){ 0, 50 }),
                                           groups_end_at((struct replay_instant){ 0, 60 }),
                                           groups_end_at((struct replay_instant){ 1, 1 }) };
        struct trace *trace;
        struct told *told;

        tb_alloc(tb, site);
        tb_block(tb);
        tb_alloc(tb, site);
        tb_alloc(tb, site);
        tb_end(tb, MTR_END_EXITED, 0);
        trace = load_whole(tb);
        told = told_of(trace, ends, 3);
        cr_assert_eq(told[0].held[0].end_bytes, 8);
        cr_assert_not(told[1].taken[0]);
        cr_assert_eq(told[2].held[0].least_bytes, 8);
        cr_assert_eq(told[2].held[0].end_bytes, 16);
        free(told);
        trace_free(trace);
        tb_free(tb);
}

Test(groups, are_unsure_where_a_loss_is_followed_by_what_was_before) {
        struct tb *tb = tb_new(1, MTR_STORED);
        uint32_t site = tb_site(tb, 0, 8, MTR_KIND_MALLOC);
        const struct groups_end ends[] = { groups_end_units(9), groups_end_units(19) };
        struct trace *trace;
        struct told *told;

        tb_alloc(tb, site);
        tb_block(tb);
        tb_at(tb, 2 * MS);
        tb_alloc(tb, site);
        tb_release(tb, site, false);
        tb_block(tb);
        tb_at(tb, 4 * MS);
        tb_checkpoint(tb);
        tb_alloc(tb, site);
        tb_end(tb, MTR_END_EXITED, 0);
        trace = load_whole(tb);
        tb->file.data[trace->reader->blocks[1].offset_bytes] ^= 1;
        trace_free(trace);
        trace = load(tb);
        told = told_of(trace, ends, 2);
        cr_assert(told[0].unsure && !told[1].unsure);
        cr_assert_eq(told[0].held[0].end_bytes, 16);
        free(told);
        trace_free(trace);
        tb_free(tb);
}

Test(groups, are_unsure_where_a_checkpoint_contradicts_the_events) {
        struct tb *tb = tb_new(1, MTR_STORED);
        uint32_t site = tb_site(tb, 0, 8, MTR_KIND_MALLOC), other = tb_site(tb, 0, 1, MTR_KIND_MALLOC);
        const struct groups_end ends[] = { groups_end_units(1), groups_end_units(3), groups_end_units(5) };
        struct trace *trace;
        struct told *told;

        for (int i = 0; i < 3; i++)
                tb_alloc(tb, site);
        tb_block(tb);
        tb_at(tb, 2 * MS);
        tb->site_books[site].live = 1;
        tb->site_books[other].live = 9;
        tb_checkpoint(tb);
        tb_alloc(tb, site);
        tb_block(tb);
        tb_at(tb, 4 * MS);
        tb_alloc(tb, site);
        tb_end(tb, MTR_END_EXITED, 0);
        trace = load(tb);
        told = told_of(trace, ends, 3);
        cr_assert(!told[0].unsure && told[1].unsure && !told[2].unsure);
        cr_assert_eq(told[1].held[0].least_bytes, 8);
        cr_assert_eq(told[1].held[0].most_bytes, 24);
        cr_assert_eq(told[1].held[0].end_bytes, 16);
        cr_assert_eq(told[1].held[1].least_bytes, 0);
        cr_assert_eq(told[1].held[1].most_bytes, 9);
        free(told);
        trace_free(trace);
        tb_free(tb);
}
