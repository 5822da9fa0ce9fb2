/* See story.h. */
#include "story.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define MS 1000000u

const uint32_t story_group_of[SITES] = { 0, 1, GROUPS_NONE, 0, 1, 2 };

static uint64_t next_random(struct story *story) {
        story->random ^= story->random << 13, story->random ^= story->random >> 7,
                story->random ^= story->random << 17;
        return story->random;
}

struct story *story_new(uint64_t seed) {
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

void story_free(struct story *story, struct trace *trace) {
        trace_free(trace);
        tb_free(story->tb);
        free(story);
}

int story_take(void *context, size_t interval, uint32_t group, const struct groups_held *held) {
        struct told *told = &((struct telling *)context)->told[interval];

        cr_assert_eq(interval, ((struct telling *)context)->count);
        cr_assert_lt(group, GROUPS + 1);
        cr_assert_not(told->taken[group]);
        told->taken[group] = true;
        told->held[group] = *held;
        return 0;
}

int story_end(void *context, size_t interval, bool unsure) {
        struct telling *telling = context;

        cr_assert_eq(interval, telling->count++);
        telling->told[interval].ended = true;
        telling->told[interval].unsure = unsure;
        return telling->refuse;
}

struct told *story_told_of(struct trace *trace, const struct groups_end *ends, size_t count) {
        struct telling telling = { calloc(count, sizeof(*telling.told)), 0, 0 };
        const struct groups_taker taker = { story_take, story_end, &telling };
        const struct groups_cut cut = { story_group_of, GROUPS + 1, ends, count };

        cr_assert_eq(groups_tell(trace, &cut, &taker), 0);
        cr_assert_eq(telling.count, count);
        return telling.told;
}

static bool is_in(const struct happened *event, const struct groups_end *limit) {
        return event->units <= limit->units &&
               (event->at.block < limit->at.block ||
                (event->at.block == limit->at.block && event->at.event <= limit->at.event));
}

void story_compare(const struct story *story, const struct groups_end *ends, const struct told *told,
                   size_t from, size_t to) {
        int64_t live[GROUPS + 1] = { 0 };
        size_t at = 0;

        for (size_t k = 0; k < to; k++) {
                int64_t least[GROUPS + 1], most[GROUPS + 1];
                bool moved[GROUPS + 1] = { false };

                memcpy(least, live, sizeof(live));
                memcpy(most, live, sizeof(live));
                for (; at < story->count && is_in(&story->events[at], &ends[k]); at++) {
                        uint32_t group = story_group_of[story->events[at].site];

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

size_t story_cut_by_events(const struct story *story, size_t step, struct groups_end *ends) {
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

size_t story_cut_by_time(uint64_t first, uint64_t step, uint64_t last, struct groups_end *ends) {
        size_t count = 0;

        for (uint64_t units = first; units <= last; units += step)
                ends[count++] = groups_end_units(units);
        return count;
}
