/*
 * The sibling process that the collector runs in: made, and waited for. Runs where tracing begins, in a fork
 * child's first hook and at the end.
 *
 * Must not: leave the program a child to wait for, a SIGCHLD, or a stack of its own that the sibling still
 * uses.
 */
#ifndef MEMTRACE_TRACER_SIBLING_H
#define MEMTRACE_TRACER_SIBLING_H

#include <stdbool.h>
#include <stdint.h>

#include "session/session.h"

/* Makes it and waits for its answer; false, after a line on stderr, when it is not yes. */
bool sibling_start(struct session *session);

/*
 * Waits until it has brought *word to `wanted`: false when it is gone, or shows no sign of life any more.
 */
bool sibling_wait_for(struct session *session, _Atomic uint32_t *word, uint32_t wanted);

#endif
