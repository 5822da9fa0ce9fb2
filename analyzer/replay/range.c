/*
 * See range.h. Each of the two states is reached by itself, so both may come from a checkpoint. One thread.
 */
#include "replay/range.h"

#include "base/message.h"

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

int range_replay(struct trace *trace, const struct moment *from, const struct moment *to,
                 enum replay_from replay_from, struct range *range) {
        int error = 0;

        *range = (struct range){ 0 };
        if (from)
                error = check_order(trace, from, to);
        if (error == 0)
                error = moment_replay(trace, *to, replay_from, &range->more, &range->to_ns);
        if (error != 0 || !from)
                return error;
        error = moment_replay(trace, *from, replay_from, &range->less, &range->from_ns);
        if (error != 0) {
                replay_deinit(&range->more);
                return error;
        }
        for (size_t i = 0; i < range->more.site_count; i++)
                subtract(&range->less.sites[i], &range->more.sites[i]);
        return 0;
}

void range_deinit(struct range *range) {
        replay_deinit(&range->more);
        replay_deinit(&range->less);
}
