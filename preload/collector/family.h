/*
 * The traced processes of the session: opens a trace for each that registers, keeps it going,
 * and closes it when the process is gone.
 *
 * Runs in the collector's one thread.
 */
#ifndef MEMTRACE_COLLECTOR_FAMILY_H
#define MEMTRACE_COLLECTOR_FAMILY_H

#include "collector/control.h"
#include "collector/text.h"
#include "collector/trace.h"

struct family {
        struct session *session;
        struct timebase timebase;
        struct compressor compressor;
        struct identity identity;
        struct chunks chunks;
        struct control control;
        struct trace *traces[SESSION_PROCESSES]; /* by slot, NULL for none */
        uint32_t count;                          /* of traces */
        uint64_t next_watch_ns;
};

/* Everything that needs no process; `family` is zeroed. False: no memory. */
bool family_init(struct family *family, struct session *session);

/* Open the trace of slot 0. 0, or -errno with *reason a line for the user. */
int family_root(struct family *family, struct text *reason);

/*
 * One turn: new processes, their rings, their files, their deaths. Returns the most words that
 * one ring gave; *hurry is set when somebody waits for an answer that needs another turn.
 */
uint64_t family_turn(struct family *family, bool *hurry);

/* End all traces: the tracers have given the collector up. */
void family_stop(struct family *family);

/* True when a process is registering, or has, that has no trace yet. */
bool family_expects(const struct family *family);

#endif
