/*
 * See stacks.h. One thread.
 */
#include "render/export/stacks.h"

#include "base/message.h"
#include "base/saturate.h"

#include <errno.h>
#include <stdlib.h>

static void add(struct export_stack *stack, const struct replay_site *site) {
        stack->live_bytes =
                saturate_add(stack->live_bytes, saturate_times(site->live_blocks, site->size_bytes));
        stack->live_blocks = saturate_add(stack->live_blocks, site->live_blocks);
        stack->allocated_bytes =
                saturate_add(stack->allocated_bytes, saturate_times(site->allocations, site->size_bytes));
        stack->allocations = saturate_add(stack->allocations, site->allocations);
        stack->temporary_bytes =
                saturate_add(stack->temporary_bytes, saturate_times(site->temporary, site->size_bytes));
        stack->temporary = saturate_add(stack->temporary, site->temporary);
}

/* By stack. Heap; NULL after a report. */
static struct export_stack *sum_up(const struct replay *replay, size_t *count) {
        const struct trace *trace = replay->trace;
        struct export_stack *stacks;

        *count = trace->tables[TRACE_STACKS].count + 1;
        stacks = calloc(*count, sizeof(*stacks));
        if (!stacks)
                message_errno(ENOMEM, trace->reader->name, "cannot export");
        for (uint32_t i = 0; stacks && i < replay->site_count; i++) {
                uint32_t stack = trace_site(trace, i)->stack;

                if (stack < *count)
                        add(&stacks[stack], &replay->sites[i]);
        }
        return stacks;
}

static bool is_taken(const struct export_wish *wish, const struct charge_frames *frames) {
        size_t count = wish->filter->all_frames ? frames->count : 1;

        return filter_takes(wish->filter, filter_match(wish->filter, frames->frames, count));
}

int export_stacks(const struct export_wish *wish, export_take *take, void *context) {
        struct charge_frames frames = { 0 };
        size_t count;
        struct export_stack *stacks = sum_up(&wish->state->range.more, &count);
        int error = stacks ? 0 : -ENOMEM;

        for (uint32_t i = 0; error == 0 && i < count; i++) {
                struct export_stack *stack = &stacks[i];

                if (stack->allocations == 0 && stack->live_blocks == 0)
                        continue;
                error = charge_frames(wish->charge, i, false, &frames);
                if (error < 0 || !is_taken(wish, &frames))
                        continue;
                stack->id = i;
                stack->frames = frames.frames;
                stack->frame_count = frames.count;
                error = take(context, stack);
        }
        free(frames.frames);
        free(stacks);
        return error;
}

void export_sum(const struct export_wish *wish, const struct export_stack *stack, uint64_t *size_bytes,
                uint64_t *blocks) {
        switch (wish->cost) {
        case AGGREGATE_TOTAL:
        case AGGREGATE_COUNT:
                *size_bytes = stack->allocated_bytes;
                *blocks = stack->allocations;
                return;
        case AGGREGATE_TEMPORARY:
                *size_bytes = stack->temporary_bytes;
                *blocks = stack->temporary;
                return;
        default:
                *size_bytes = stack->live_bytes;
                *blocks = stack->live_blocks;
        }
}

bool export_counts(const struct export_wish *wish) {
        return wish->cost == AGGREGATE_COUNT || wish->cost == AGGREGATE_TEMPORARY;
}

uint64_t export_cost(const struct export_wish *wish, const struct export_stack *stack) {
        uint64_t size_bytes, blocks;

        export_sum(wish, stack, &size_bytes, &blocks);
        return export_counts(wish) ? blocks : size_bytes;
}
