/*
 * What the program says by a name: marks, snapshots, scopes and its threads' names, on their way to the file.
 *
 * Runs in the collector's one thread. Must not: trust a name to be text.
 */
#ifndef MEMTRACE_COLLECTOR_MARKS_H
#define MEMTRACE_COLLECTOR_MARKS_H

#include "collector/trace.h"

/* A RECORD_NAME of the batch, by the thread of that number. Without memory the trace is starved. */
void marks_add(struct trace *trace, uint32_t thread, const struct record *record);

/* A mark or snapshot of our own, behind all that was read so far. */
void marks_name(struct trace *trace, enum record_name kind, const char *name);

/* The block was written: others follow. */
void marks_block_begin(struct trace *trace);

void marks_deinit(struct marks *marks);

/* How much the block in the making has of them. */
static inline size_t marks_bytes(const struct trace *trace) {
        return trace->marks.records.used + trace->marks.thread_rows.used;
}

/* Whether there are any that the file does not have. */
static inline bool marks_wait(const struct trace *trace) {
        return marks_bytes(trace) != 0;
}

#endif
