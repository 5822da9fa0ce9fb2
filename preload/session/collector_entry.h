/*
 * Where the tracer hands over to the collector: the one function of collector/ that tracer/
 * calls, in the forked sibling.
 */
#ifndef MEMTRACE_SESSION_COLLECTOR_ENTRY_H
#define MEMTRACE_SESSION_COLLECTOR_ENTRY_H

#include "session/session.h"

/*
 * Be the collector of `session`: open the trace of the process in slot 0, answer through
 * session->status, then drain until every process of the family is gone. Called once in
 * a process of its own, which has a copy of the program's memory and descriptors at its
 * start: it touches none of the former and closes the latter.
 */
_Noreturn void collector_run(struct session *session);

#endif
