/*
 * What can be done with a trace as a whole: see trace.h for what it is.
 *
 * Runs in the collector's one thread.
 */
#ifndef MEMTRACE_COLLECTOR_TRACE_LIFE_H
#define MEMTRACE_COLLECTOR_TRACE_LIFE_H

#include "collector/text.h"
#include "collector/trace.h"

/*
 * Begin, in zeroed memory, the trace of the process in a chunk; the rest is the caller's and
 * outlives it. False: no memory. To be deinitialised either way.
 */
bool trace_init(struct trace *trace, struct session *session, uint32_t chunk, const struct timebase *timebase,
                struct compressor *compressor, const struct identity *identity);
void trace_deinit(struct trace *trace);

/* Create the file and write its first block. 0, or -errno with *reason a line for the user. */
int trace_open(struct trace *trace, struct text *reason);

/* One turn: rings, samples, blocks that are due. Returns the most words that one ring gave; *hurry is
 * set when the process waits for an answer that needs another turn. */
uint64_t trace_turn(struct trace *trace, bool *hurry);

/* The process writes no more: read the rest and write how it ended. */
void trace_close(struct trace *trace, uint32_t how, int32_t code);

#endif
