/*
 * See used.h. One thread.
 */
#include "state/used.h"

#include "base/message.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Where a part of the trace is lost, a block may be freed that nobody allocated. */
bool used_counts(const struct replay_site *counts) {
        return counts->live_blocks > 0 || counts->allocations > 0 || counts->temporary > 0;
}

/* Everything that leads to it, each looked at once. */
static void use_stack(struct used *used, const struct trace *trace, uint32_t id) {
        const struct trace_stack *stack;

        for (; (stack = trace_stack(trace, id)) && used->stacks[id] == USED_NOT; id = stack->parent) {
                const struct trace_frame *frame = trace_frame(trace, stack->frame);

                used->stacks[id] = 0;
                if (!frame)
                        continue;
                used->frames[stack->frame] = 0;
                if (trace_module(trace, frame->module))
                        used->modules[frame->module] = 0;
        }
}

static void number_used(uint32_t *numbers, size_t count, uint32_t first) {
        for (size_t i = 0; i < count; i++)
                if (numbers[i] != USED_NOT)
                        numbers[i] = first++;
}

static uint32_t *new_numbers(size_t count) {
        uint32_t *numbers = malloc((count + 1) * sizeof(*numbers));

        if (numbers)
                memset(numbers, 0xff, (count + 1) * sizeof(*numbers));
        return numbers;
}

int used_init(struct used *used, const struct state *state) {
        const struct replay *replay = &state->range.more;
        const struct trace *trace = state->trace;
        const struct trace_table *tables = trace->tables;

        *used = (struct used){
                .modules = new_numbers(tables[TRACE_MODULES].count),
                .frames = new_numbers(tables[TRACE_FRAMES].count),
                .stacks = new_numbers(tables[TRACE_STACKS].count),
                .sites = new_numbers(tables[TRACE_SITES].count),
        };
        if (!used->modules || !used->frames || !used->stacks || !used->sites)
                return message_errno(ENOMEM, trace->reader->name, "cannot find what is used of it");
        for (uint32_t i = 0; i < replay->site_count; i++)
                if (used_counts(&replay->sites[i])) {
                        used->sites[i] = 0;
                        use_stack(used, trace, trace_site(trace, i)->stack);
                }
        number_used(used->modules, tables[TRACE_MODULES].count, 0);
        number_used(used->frames, tables[TRACE_FRAMES].count, 0);
        number_used(used->stacks, tables[TRACE_STACKS].count + 1, 1);
        used->stacks[0] = 0;
        number_used(used->sites, tables[TRACE_SITES].count, 0);
        return 0;
}

void used_deinit(struct used *used) {
        free(used->modules);
        free(used->frames);
        free(used->stacks);
        free(used->sites);
        *used = (struct used){ 0 };
}
