/*
 * Requests from outside (memtrace ctl): see include/memtrace/control.h for the way they come.
 *
 * Runs in the collector's one thread. Must not: trust a request, or wait for who made it.
 */
#ifndef MEMTRACE_COLLECTOR_CONTROL_H
#define MEMTRACE_COLLECTOR_CONTROL_H

#include <memtrace/control.h>

#include "collector/trace.h"

struct control {
        struct mtr_control *page; /* NULL: there is none, nobody can ask */
        bool pending;             /* a request was seen, and waits for what happened before it */
        uint32_t asked;           /* the page's state then */
        uint64_t time, since_ns;  /* when that was */
};

/* Where none can be had, ctl finds nobody and tracing goes on. The descriptor stays open. */
void control_begin(struct control *control, uint64_t session_inode);

/* A look at the page, once a turn. True: a request waits, so turn again soon. */
bool control_look(struct control *control, const struct timebase *timebase);

/* Answers the request if it is to this trace and all that came before it is in it. */
void control_turn(struct control *control, struct trace *trace);

/* Answers what was to none of the traces. */
void control_refuse(struct control *control, const struct timebase *timebase);

/* The process has not done what is wanted of it: have its threads look. */
void control_remind(struct trace *trace);

#endif
