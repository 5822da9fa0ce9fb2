/*
 * memtrace.h's functions about tracing itself: whether it is on.
 *
 * Run in any thread of the program, also in a signal handler. Must not: print, change errno, or allocate.
 */
#include "tracer/hook.h"
#include "tracer/tracer.h"

bool memtrace_v1_is_tracing(void);

HOOK bool memtrace_v1_is_tracing(void) {
        return tracer_thread() != NULL;
}
