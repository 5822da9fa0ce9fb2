/*
 * See range.h. What comes from checkpoints is reached by itself for each of the two states, and what
 * comes from the beginning in one go. One thread.
 */
#include "replay/range.h"

#include "base/message.h"
#include "replay/by_thread.h"

#include <errno.h>

/* After a block's last event is the same as before the next one's first. */
static struct replay_instant settle(const struct trace *trace, struct replay_instant instant) {
        const struct reader *reader = trace->reader;

        while (instant.block < reader->block_count &&
               instant.event >= reader->blocks[instant.block].header.event_count)
                instant = (struct replay_instant){ instant.block + 1, 0 };
        return instant;
}

static int check_order(struct trace *trace, const struct moment *from, const struct moment *to) {
        struct replay_instant first, last;
        uint64_t time_ns;
        int error = moment_locate(trace, from, &first, &time_ns);

        if (error == 0)
                error = moment_locate(trace, to, &last, &time_ns);
        if (error != 0)
                return error;
        first = settle(trace, first);
        last = settle(trace, last);
        if (first.block < last.block || (first.block == last.block && first.event <= last.event))
                return 0;
        message("%s: @%s is later than @%s, so there is nothing from the one to the other",
                trace->reader->name, moment_name(from), moment_name(to));
        return -EINVAL;
}

static uint64_t beyond(uint64_t left, uint64_t right) {
        return left > right ? left - right : 0;
}

static void subtract(struct replay_site *before, struct replay_site *after) {
        uint64_t fewer = beyond(before->live_blocks, after->live_blocks);

        after->live_blocks = beyond(after->live_blocks, before->live_blocks);
        after->allocations = beyond(after->allocations, before->allocations);
        after->temporary = beyond(after->temporary, before->temporary);
        before->live_blocks = fewer;
}

static int replay_one(struct trace *trace, const struct moment *moment, enum replay_from replay_from,
                      const bool *threads, struct replay *replay, uint64_t *time_ns) {
        int error = moment_replay(trace, *moment, replay_from, replay, time_ns);

        if (error == 0 && threads)
                by_thread_select(replay, threads);
        return error;
}

static int replay_each(struct trace *trace, const struct moment *from, const struct moment *to,
                       enum replay_from replay_from, const bool *threads, struct range *range) {
        int error = replay_one(trace, to, replay_from, threads, &range->more, &range->to_ns);

        if (error != 0)
                return error;
        error = replay_one(trace, from, replay_from, threads, &range->less, &range->from_ns);
        if (error != 0)
                replay_deinit(&range->more);
        return error;
}

int range_replay(struct trace *trace, const struct moment *from, const struct moment *to,
                 enum replay_from replay_from, const bool *threads, struct range *range) {
        int error;

        *range = (struct range){ 0 };
        if (!from)
                return replay_one(trace, to, replay_from, threads, &range->more, &range->to_ns);
        error = check_order(trace, from, to);
        if (error != 0)
                return error;
        error = replay_from == REPLAY_FROM_BEGINNING
                        ? moment_replay_both(trace, *from, &range->less, &range->from_ns, *to, &range->more,
                                             &range->to_ns)
                        : replay_each(trace, from, to, replay_from, threads, range);
        if (error != 0)
                return error;
        for (size_t i = 0; i < range->more.site_count; i++)
                subtract(&range->less.sites[i], &range->more.sites[i]);
        if (range->more.by_thread)
                by_thread_subtract(range->less.by_thread, range->more.by_thread, subtract);
        return 0;
}

void range_deinit(struct range *range) {
        replay_deinit(&range->more);
        replay_deinit(&range->less);
}
