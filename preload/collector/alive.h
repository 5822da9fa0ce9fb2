/*
 * The collector's life sign: a robust futex that the kernel marks when it dies, however it
 * does, so that no traced process waits for it in vain.
 *
 * Runs in the collector's one thread.
 */
#ifndef MEMTRACE_COLLECTOR_ALIVE_H
#define MEMTRACE_COLLECTOR_ALIVE_H

#include "session/session.h"

void alive_begin(struct session *session);

#endif
