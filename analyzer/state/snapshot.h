/*
 * Saved snapshots, docs/snapshot.md: the state of a heap at one moment, as it was saved, instead of a trace
 * and a moment of it. Nothing is needed but the file: its places are named already.
 *
 * The file is hostile input like a trace: what does not agree with itself is refused.
 *
 * Must not: write one, which is for render/.
 */
#ifndef ANALYZER_STATE_SNAPSHOT_H
#define ANALYZER_STATE_SNAPSHOT_H

#include "state/state.h"

#define SNAPSHOT_SCHEMA "memtrace-snapshot/1"
#define SNAPSHOT_CHECKSUM "crc32c" /* the member that is it */

/* What a snapshot calls each enum moment_kind; ends with NULL. */
extern const char *const snapshot_kinds[];

/* What all sites of a state come to; what is beyond 64 bits is as much as they hold. */
struct snapshot_sums {
        uint64_t live_bytes, live_blocks;
        uint64_t allocated_bytes, allocations, temporary;
};

struct snapshot_sums snapshot_sum(const struct replay *replay);

/* Whether the file begins as a snapshot does. What cannot be opened does not. */
bool snapshot_is(const char *path);

/* Fills a state that is all zero. 0 or a negative errno already reported; to close on success alone. */
int snapshot_open(const char *path, struct state *state);

/* The same from memory; `name` is for messages. */
int snapshot_load(const char *text, size_t length_bytes, const char *name, struct state *state);

#endif
