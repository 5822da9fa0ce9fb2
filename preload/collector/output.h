/*
 * Names of trace files and their opening: never over another file, never through a link.
 *
 * Runs in the collector's one thread.
 */
#ifndef MEMTRACE_COLLECTOR_OUTPUT_H
#define MEMTRACE_COLLECTOR_OUTPUT_H

#include "collector/text.h"
#include "collector/trace.h"

/*
 * Create and lock the file of the trace's process, whose name comes from the session's template. Where a
 * file of that name belongs to the same family of processes, ".PID" goes before the name's
 * extension. Returns its descriptor with its name in `path`, -errno with *reason a line for the user.
 */
int output_open(const struct trace *trace, char path[OPTIONS_PATH_MAX], struct text *reason);

#endif
