/*
 * What of a trace a state needs: the sites that hold or held something, and the stacks, frames and modules
 * that lead to them.
 *
 * Must not: change either.
 */
#ifndef ANALYZER_STATE_USED_H
#define ANALYZER_STATE_USED_H

#include "state/state.h"

#define USED_NOT UINT32_MAX

/* For each row of the trace's tables, by its number, USED_NOT or which of the used ones it is, counted in the
 * order of the trace; all on the heap. */
struct used {
        uint32_t *modules, *frames, *sites;
        uint32_t *stacks; /* by id; counted from 1, and the empty stack is 0 */
};

/* 0 or a negative errno already reported; to deinit either way. */
int used_init(struct used *used, const struct state *state);
void used_deinit(struct used *used);

/* Whether counts tell of anything. */
bool used_counts(const struct replay_site *counts);

#endif
