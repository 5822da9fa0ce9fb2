/*
 * The event stream of a trace: accounts each event and writes it down.
 *
 * Runs in the collector's one thread. Must not: know addresses, rings or files.
 */
#ifndef MEMTRACE_COLLECTOR_EVENTS_H
#define MEMTRACE_COLLECTOR_EVENTS_H

#include "collector/trace.h"

#define EVENT_ARGUMENT_MAX ((UINT32_C(1) << 28) - 1)

/* An event or control as it is staged: the value of its varint. */
static inline void events_stage(struct trace *trace, enum mtr_event event, uint32_t argument) {
        trace->staged[trace->staged_count++] = argument << 2 | event;
}

static inline void events_control(struct trace *trace, uint32_t argument) {
        trace->staged_controls++;
        events_stage(trace, MTR_CONTROL, argument);
}

/* Stage the switch to a thread, if the stream is not there yet. */
static inline void events_thread(struct trace *trace, uint32_t thread) {
        if (thread == trace->stream_thread)
                return;
        trace->stream_thread = thread;
        events_control(trace, (thread & (EVENT_ARGUMENT_MAX >> 1)) << 1);
}

/* The event that is staged next is the free of a thread's block: a row of MTR_OWNERS if that is not the
 * stream's. Without a branch on it, which two threads that hand blocks over would have mispredicted. */
static inline void events_owner(struct trace *trace, uint32_t thread) {
        trace->staged_owners[trace->staged_owner_count] =
                (struct staged_owner){ trace->staged_count - trace->staged_controls, thread };
        trace->staged_owner_count += thread != trace->stream_thread;
}

/* The stream is at a session time from here on. */
void events_advance(struct trace *trace, uint64_t time);

static inline void events_time(struct trace *trace, uint64_t time) {
        if (__builtin_expect(time > trace->stream_time, 1)) {
                trace->stream_time = time;
                if (__builtin_expect(time >= trace->next_unit_time, 0))
                        events_advance(trace, time);
        }
}

/*
 * Room for whatever is staged until the next events_put. Beforehand, because lives are added up when a free
 * is staged, and must not tell of one that is lost. False: no memory, and the trace is starved.
 */
bool events_reserve(struct trace *trace);

/* Account and write down what is staged. */
void events_put(struct trace *trace);

/* The block's first events follow, the first of them at a session time. */
void events_block_begin(struct trace *trace, uint64_t time);

/* The program's own peak is what is live now. The block's goes on, though it is counted from here as well. */
void events_peak_reset(struct events *events);

/* The block is about to be written: its peak is the highest there was, whatever the program set back. */
void events_peak_settle(struct events *events);

/* The block was written: what is accounted by block starts anew. */
void events_block_end(struct trace *trace);

#endif
