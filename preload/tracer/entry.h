/*
 * How a process gets its entry in a session. Runs where tracing begins and in a fork child's first hook, the
 * gate claimed by the caller.
 */
#ifndef MEMTRACE_TRACER_ENTRY_H
#define MEMTRACE_TRACER_ENTRY_H

#include <stdbool.h>

#include "session/process.h"
#include "session/session.h"

/*
 * Gives this process its entry in `session`; NULL when there is no room. unseen: what is not seen of its
 * heap, in words, or NULL.
 */
struct process *entry_new(struct session *session, bool forked, const char *unseen);

/*
 * Waits until the collector watches this child, which may be gone in a moment: only one that is watched can
 * be seen to end. False when it had left with the rest of the family, or has no room: a new family then
 * begins here.
 */
bool entry_is_served(struct session *session, struct process *process);

#endif
