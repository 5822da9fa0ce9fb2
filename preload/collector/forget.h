/*
 * Blocks that end in the stream though nobody frees them one by one: the program clears a domain, or wants
 * all that it holds forgotten.
 *
 * Runs in the collector's one thread.
 */
#ifndef MEMTRACE_COLLECTOR_FORGET_H
#define MEMTRACE_COLLECTOR_FORGET_H

#include "collector/trace.h"

/* Each live block of one heap is freed in the stream by a thread, here and now. All that was staged has been
 * put. */
void forget_heap(struct trace *trace, struct heap *heap, uint32_t thread);

/* The same, of malloc's heap and of all domains. */
void forget_all(struct trace *trace, uint32_t thread);

#endif
