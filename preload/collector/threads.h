/*
 * Threads of a trace: numbered in order of their first record, defined in the file with the
 * next block, by when most have given themselves a name.
 *
 * Runs in the collector's one thread.
 */
#ifndef MEMTRACE_COLLECTOR_THREADS_H
#define MEMTRACE_COLLECTOR_THREADS_H

#include "collector/trace.h"

/* The number of a new thread that wrote first at a session time. THREAD_NONE: no memory. */
uint32_t threads_add(struct trace *trace, uint32_t tid, uint64_t time);

/* Append the rows of MTR_THREADS that are new. False: no memory. */
bool threads_define(struct trace *trace, struct buffer *payload);

#endif
