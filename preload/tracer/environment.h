/*
 * The MEMTRACE_* variables. memtrace.7 documents them.
 */
#ifndef MEMTRACE_TRACER_ENVIRONMENT_H
#define MEMTRACE_TRACER_ENVIRONMENT_H

#include "session/options.h"

/* Fill `options` from the environment; a value that makes no sense gives one line on stderr and
 * the default. Called once, before the session exists. */
void environment_read(struct options *options);

#endif
