/*
 * A state of the heap as a file that stands by itself: docs/snapshot.md; state/snapshot.h reads it back.
 *
 * Must not: leave out a place of anything that was allocated up to the moment.
 */
#ifndef ANALYZER_RENDER_SNAPSHOT_H
#define ANALYZER_RENDER_SNAPSHOT_H

#include "state/state.h"

#include <stdio.h>

/*
 * `state` is one moment, not what lies between two, and has what was ever allocated. 0 or a negative errno
 * already reported; what the stream itself refuses is noticed where it is closed.
 */
int render_snapshot(const struct state *state, FILE *stream);

/* The same into a file that is not there yet, or for "-" to standard output. */
int render_snapshot_as(const struct state *state, const char *path);

#endif
