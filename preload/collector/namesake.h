/*
 * Which process a pid means. A traced process says its pid as it sees it itself; one in a pid namespace
 * of its own has another here, and that number is somebody else's.
 *
 * Runs in the collector's one thread.
 */
#ifndef MEMTRACE_COLLECTOR_NAMESAKE_H
#define MEMTRACE_COLLECTOR_NAMESAKE_H

#include <stdint.h>

#include "session/process.h"

/* The pid, as the caller sees it, of the process that sees itself as `pid` and has opened `own`, its entry in
 * the session: two namespaces may have the same number each. `pid` itself where /proc cannot tell. */
uint32_t namesake_of(uint32_t pid, uint64_t session_inode, const struct process *own);

#endif
