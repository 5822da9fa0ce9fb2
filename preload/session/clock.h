/*
 * Session time: what orders records of different threads. The TSC where the kernel itself
 * trusts it, else CLOCK_MONOTONIC through the vDSO. The collector turns it into nanoseconds.
 * Any process of the session, any thread, signal-safe; errno kept.
 *
 * Must not: call libc's clock_gettime, which in the program may be another preload's (libfaketime's, a
 * sanitizer's) and tell another time.
 */
#ifndef MEMTRACE_SESSION_CLOCK_H
#define MEMTRACE_SESSION_CLOCK_H

#include <stdint.h>
#include <time.h>

#include "session/session.h"

typedef int clock_function(clockid_t clock, struct timespec *now);

/* The kernel's own, in the vDSO; by system call until the tracer has found that. */
extern clock_function *clock_read;

static inline uint64_t clock_monotonic_ns(void) {
        struct timespec now;

        (void)clock_read(CLOCK_MONOTONIC, &now);
        return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline uint64_t session_time(uint32_t clock) {
        return clock == SESSION_CLOCK_TSC ? __builtin_ia32_rdtsc() : clock_monotonic_ns();
}

#endif
