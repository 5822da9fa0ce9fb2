/*
 * Session time: what orders records of different threads. The TSC where the kernel itself
 * trusts it, else CLOCK_MONOTONIC through the vDSO. The collector turns it into nanoseconds.
 * Any process of the session, any thread, signal-safe; errno kept.
 */
#ifndef MEMTRACE_SESSION_CLOCK_H
#define MEMTRACE_SESSION_CLOCK_H

#include <stdint.h>
#include <time.h>

#include "session/session.h"

static inline uint64_t clock_monotonic_ns(void) {
        struct timespec now;

        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline uint64_t session_time(uint32_t clock) {
        return clock == SESSION_CLOCK_TSC ? __builtin_ia32_rdtsc() : clock_monotonic_ns();
}

#endif
