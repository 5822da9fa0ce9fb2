/*
 * The one signal that may switch tracing (MEMTRACE_SIGNAL), where the user asked for it.
 *
 * Must not: take a signal that the program has anything to do with.
 */
#ifndef MEMTRACE_TRACER_SIGNAL_H
#define MEMTRACE_TRACER_SIGNAL_H

#include "session/options.h"

/* Once, before the process is first traced. One line on stderr where the signal is not free. errno kept. */
void signal_begin(const struct options *options);

#endif
