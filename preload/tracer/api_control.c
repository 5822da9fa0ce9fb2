/*
 * memtrace.h's functions about tracing itself: whether it is on, and the switch.
 *
 * Run in any thread of the program, also in a signal handler. Must not: print, change errno, or allocate.
 */
#include "tracer/hook.h"
#include "tracer/tracer.h"

bool memtrace_v1_is_tracing(void);
void memtrace_v1_start(void);
void memtrace_v1_stop(void);

HOOK bool memtrace_v1_is_tracing(void) {
        return tracer_thread() != NULL;
}

/* A ring is asked for, because that gives the process its entry. */
static void pause(bool paused) {
        if (tracer_thread_for(TRACER_WORD))
                tracer_pause(paused);
}

HOOK void memtrace_v1_start(void) {
        pause(false);
}

HOOK void memtrace_v1_stop(void) {
        pause(true);
}
