/*
 * How a traced process is doing, seen from outside: whether it lives, how it ended, and whether
 * its pid now runs another program.
 *
 * Runs in the collector's one thread.
 */
#ifndef MEMTRACE_COLLECTOR_WATCH_H
#define MEMTRACE_COLLECTOR_WATCH_H

#include "collector/trace.h"

void watch_init(struct trace *trace);
void watch_deinit(struct watch *watch);

/* The process had events in this turn: it is what it was. */
void watch_seen(struct trace *trace);

/* Ask whether it died. */
void watch_death(struct trace *trace);

/* Ask, seldom, whether a silent process was replaced by exec. */
void watch_exec(struct trace *trace);

/*
 * The memory of a process that has registered and waits. A task that shares it without being the process's
 * (clone with CLONE_VM alone) may outlive the process, and goes on writing into its rings.
 */
void watch_memory(struct watch *watch);

/* Whether anybody still uses it. False where that cannot be known. */
bool watch_memory_is_used(const struct watch *watch);

#endif
