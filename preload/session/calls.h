/*
 * What the tracer may still ask of the kernel. A program can forbid itself system calls (seccomp) or the
 * clock (PR_SET_TSC) on pain of death; tracer/sandbox.c notes here, before it does, which of ours that meets.
 * Whoever needs one looks here first and has a way without it.
 *
 * Runs in traced processes, any thread, also in signal handlers. In the collector nothing is ever forbidden.
 */
#ifndef MEMTRACE_SESSION_CALLS_H
#define MEMTRACE_SESSION_CALLS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum call {
        CALL_PROBE = 1 << 0,  /* rt_sigprocmask, which also tells whether memory can be read */
        CALL_MEMORY = 1 << 1, /* mprotect, madvise, munmap of the session */
        CALL_WAIT = 1 << 2,   /* futex */
        CALL_WHO = 1 << 3,    /* who we are, and whether another thread lives */
        CALL_SAY = 1 << 4,    /* writev to stderr */
        CALL_CLOCK = 1 << 5,  /* the TSC, and with it the vDSO's clocks */
        CALL_EXIT = 1 << 6,   /* exit_group: without it no exit is what it says */
        CALL_LOOK = 1 << 7,   /* openat and what goes with it: a file that is about to be exec'd */
        CALL_START = 1 << 8,  /* all that a start of the tracer's takes, and a collector's life */
};
#define CALLS_ALL ((1u << 9) - 1)

/* Of the process: a filter is inherited by threads and children. Written by the tracer, any thread. */
extern _Atomic uint32_t calls_forbidden;

/* Of this thread alone: strict seccomp, which can start no other, and the clock. */
extern __thread uint32_t calls_forbidden_here __attribute__((tls_model("initial-exec")));

static inline uint32_t calls_forbidden_now(void) {
        /* Relaxed: set by the thread that then forbids itself the call, or before others start from it. */
        return atomic_load_explicit(&calls_forbidden, memory_order_relaxed) | calls_forbidden_here;
}

static inline bool calls_allow(enum call call) {
        return !(calls_forbidden_now() & call);
}

#endif
