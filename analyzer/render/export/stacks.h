/*
 * All stacks of a state, each with what was allocated there: what most formats are made of.
 *
 * Must not: write.
 */
#ifndef ANALYZER_RENDER_EXPORT_STACKS_H
#define ANALYZER_RENDER_EXPORT_STACKS_H

#include "render/export/export.h"

struct export_stack {
        uint32_t id; /* of the trace; 0: the empty stack */
        /* from the one that answers to the outermost, inlined ones among them; at least one, <unknown> */
        const struct symbol_frame *const *frames;
        size_t frame_count;
        uint64_t live_bytes, live_blocks;      /* at the moment */
        uint64_t allocated_bytes, allocations; /* up to it */
        uint64_t temporary_bytes, temporary;
};

/* 0, or a negative errno already reported, which ends the walk. */
typedef int export_take(void *context, const struct export_stack *stack);

/* Tells of each stack that the filter takes, by its number in the trace, ascending. Results likewise. */
int export_stacks(const struct export_wish *wish, export_take *take, void *context);

/* How much there is of it by the wish's cost. */
void export_sum(const struct export_wish *wish, const struct export_stack *stack, uint64_t *size_bytes,
                uint64_t *blocks);

/* Whether the one number that the wish asks for is of blocks, not bytes. */
bool export_counts(const struct export_wish *wish);

/* What the wish's cost is of it, as the one number. */
uint64_t export_cost(const struct export_wish *wish, const struct export_stack *stack);

#endif
