/*
 * From records to events: which allocation each free ends, whichever ring was read first.
 *
 * Runs in the collector's one thread. Must not: know rings' words or the file.
 */
#ifndef MEMTRACE_COLLECTOR_PAIR_H
#define MEMTRACE_COLLECTOR_PAIR_H

#include "collector/trace.h"

/* How far two cores' readings of the clock can be off, and how long a counterpart is waited for. */
#define SKEW_TOLERANCE_NS 2000u
#define SKEW_HOLD_NS 2000000u

/* Turn trace->batch into events, and empty it. */
void pair_batch(struct trace *trace);

/* The events that a record stands for: what is lost with it. */
uint32_t pair_events_of(const struct record *record);

/* Give up waiting for counterparts of records held since before a session time. */
void pair_expire(struct trace *trace, uint64_t time);

#endif
