/*
 * The keys of rows. A frame of the trace is one row for each function inlined there, so frames and stacks
 * are numbered anew; the numbers depend on the trace and its names alone, not on what is exported of it.
 *
 * Must not: write.
 */
#ifndef ANALYZER_RENDER_EXPORT_SQL_NUMBERS_H
#define ANALYZER_RENDER_EXPORT_SQL_NUMBERS_H

#include "aggregate/charge.h"
#include "state/state.h"

struct sql_numbers {
        const struct state *state;
        struct charge *charge;
        uint64_t run;     /* what tells it from all other runs, and from this one by other names */
        uint64_t *frames; /* by frame: the row of its innermost function, those further out follow */
        uint64_t *stacks; /* by stack: the row of its outermost function, those further in follow */
};

/* Where a row of stacks is in the trace. */
struct sql_place {
        uint64_t stack, frame; /* rows */
};

/* 0 or a negative errno already reported; to deinit either way. */
int sql_numbers_init(struct sql_numbers *numbers, const struct state *state, struct charge *charge);
void sql_numbers_deinit(struct sql_numbers *numbers);

/* The row of the innermost function of a stack; 0 is the empty one's. */
static inline uint64_t sql_numbers_innermost(const struct sql_numbers *numbers, uint32_t stack) {
        return numbers->stacks[stack + 1] - 1;
}

/* The row of the innermost function of a frame; 0 where the trace has none. */
static inline uint64_t sql_numbers_frame(const struct sql_numbers *numbers, uint32_t frame) {
        return trace_frame(numbers->state->trace, frame) ? numbers->frames[frame] : 0;
}

/* The frame that answers for a stack, and the stack that ends with it. 0 or a negative errno already
 * reported. */
int sql_numbers_answer(const struct sql_numbers *numbers, uint32_t stack, struct sql_place *place);

#endif
