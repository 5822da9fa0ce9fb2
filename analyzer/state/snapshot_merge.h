/*
 * Several states as one snapshot: what was held and allocated at the same places adds up. States are taken
 * over one by one and may be closed then, so memory is bounded by the different places and stacks, not by how
 * many states there are.
 *
 * Two frames are the same where module, address and all their names are. A module is the same by its path,
 * or, built or installed elsewhere, by its name up to the version, if there is only one of that name on
 * either side. Where it is not the same build, addresses and directories tell nothing any more: then it
 * stands for several builds, and its frames are told by names alone that each build has (aggregate/stable.h).
 * Frames without a module are one, because their addresses are another in each run. Threads are the same by
 * name, and those of one name in one process by their order.
 *
 * Must not: open a state, or write one.
 */
#ifndef ANALYZER_STATE_SNAPSHOT_MERGE_H
#define ANALYZER_STATE_SNAPSHOT_MERGE_H

#include "state/state.h"

struct snapshot_merge;

/* `name` is for messages, and must outlive it. NULL after a report. */
struct snapshot_merge *snapshot_merge_new(const char *name);
void snapshot_merge_free(struct snapshot_merge *merge);

/* `state` is one moment and has all that a saved snapshot keeps. 0 or a negative errno already reported; then
 * all is lost. */
int snapshot_merge_add(struct snapshot_merge *merge, const struct state *state);

/* What was added, at least one, becomes a state that is all zero, and nothing may be added any more. 0 or a
 * negative errno already reported; to close on success alone. */
int snapshot_merge_finish(struct snapshot_merge *merge, struct state *state);

#endif
