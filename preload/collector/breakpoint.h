/*
 * MEMTRACE_BREAK_AT: what is done to a process when it first holds more than a size: it is stopped, ended
 * with a core dump, or left alone. The moment gets a mark, or a snapshot, named MTR_BREAK_AT, at the end
 * of what had been read of it when that was seen: some milliseconds late.
 *
 * Runs in the collector's one thread.
 */
#ifndef MEMTRACE_COLLECTOR_BREAKPOINT_H
#define MEMTRACE_COLLECTOR_BREAKPOINT_H

#include "collector/trace.h"

/* After records were read. */
void breakpoint_turn(struct trace *trace);

#endif
