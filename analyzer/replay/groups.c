/*
 * See groups.h. What the group of those without one holds is added up and never told. One thread.
 */
#include "replay/groups.h"

#include "base/message.h"
#include "replay/events.h"

#include <errno.h>
#include <stdlib.h>

static int end_interval(struct groups *groups) {
        const struct groups_taker *taker = groups->taker;
        size_t interval = groups->open++;
        int error = 0;

        for (size_t i = 0; i < groups->moved_count; i++) {
                struct groups_group *group = &groups->items[groups->moved[i]];
                const struct groups_held held = { group->least_bytes, group->most_bytes, group->live_bytes };

                group->moved = false;
                if (error == 0 && groups->moved[i] < groups->cut->count)
                        error = taker->take(taker->context, interval, groups->moved[i], &held);
        }
        groups->moved_count = 0;
        if (error == 0)
                error = taker->end(taker->context, interval, groups->unsure || groups->guess);
        groups->unsure = false;
        return error;
}

/* Whether what is just before the block is lost; of the end, the last one. */
static bool lost_before(const struct reader *reader, size_t block) {
        if (block < reader->block_count)
                return reader->blocks[block].after_loss;
        return block > 0 && !reader->blocks[block - 1].whole;
}

static int reach(struct replay_watch *watch, struct replay *replay, struct replay_instant at,
                 struct events_run *run) {
        struct groups *groups = (struct groups *)watch;
        const struct groups_cut *cut = groups->cut;
        uint64_t units = events_units_at(replay, at, run);
        bool lost = !run && lost_before(replay->trace->reader, at.block);
        int error;

        do {
                groups->unsure |= lost;
                error = end_interval(groups);
        } while (error == 0 && groups->open < cut->end_count && cut->ends[groups->open].units < units);
        if (groups->open == cut->end_count) {
                replay_watch_end(watch);
                return error;
        }
        watch->next = cut->ends[groups->open].at;
        watch->next_units = cut->ends[groups->open].units;
        return error;
}

void groups_block(struct groups *groups, bool guess) {
        groups->unsure |= guess;
        groups->guess = guess;
}

void groups_settle(struct groups *groups, const struct replay *replay) {
        size_t count = (size_t)groups->cut->count + 1;

        for (size_t i = 0; i < count; i++)
                groups->settled[i] = 0;
        for (uint32_t i = 0; i < replay->site_count; i++)
                groups->settled[groups->of_site[i]] +=
                        replay->sites[i].live_blocks * replay->sites[i].size_bytes;
        for (uint32_t i = 0; i < count; i++) {
                uint64_t live_bytes = groups->items[i].live_bytes;

                if (groups->settled[i] == live_bytes)
                        continue;
                groups->unsure = true;
                if (groups->settled[i] > live_bytes)
                        groups_add(groups, i, groups->settled[i] - live_bytes);
                else
                        groups_subtract(groups, i, live_bytes - groups->settled[i]);
        }
        groups->guess = false;
}

static int init(struct groups *groups, const struct replay *replay) {
        size_t count = (size_t)groups->cut->count + 1;

        groups->of_site = calloc(replay->site_count + 1, sizeof(*groups->of_site));
        groups->items = calloc(count, sizeof(*groups->items));
        groups->moved = calloc(count, sizeof(*groups->moved));
        groups->settled = calloc(count, sizeof(*groups->settled));
        if (!groups->of_site || !groups->items || !groups->moved || !groups->settled)
                return message_errno(ENOMEM, replay->trace->reader->name, "cannot follow its places");
        for (size_t i = 0; groups->cut->groups && i < replay->site_count; i++)
                groups->of_site[i] = groups->cut->groups[i] < groups->cut->count ? groups->cut->groups[i]
                                                                                 : groups->cut->count;
        return 0;
}

static void deinit(struct groups *groups) {
        free(groups->of_site);
        free(groups->items);
        free(groups->moved);
        free(groups->settled);
}

int groups_tell(struct trace *trace, const struct groups_cut *cut, const struct groups_taker *taker) {
        struct groups groups = { .cut = cut, .taker = taker };
        struct replay replay;
        int error;

        if (cut->end_count == 0)
                return 0;
        error = replay_init(&replay, trace);
        if (error < 0)
                return error;
        groups.watch = (struct replay_watch){ cut->ends[0].at, cut->ends[0].units, reach };
        replay.watch = &groups.watch;
        replay.groups = &groups;
        error = init(&groups, &replay);
        if (error == 0)
                error = replay_to(&replay, replay_end(trace), REPLAY_FROM_BEGINNING);
        deinit(&groups);
        replay_deinit(&replay);
        return error;
}
