/*
 * What the hooks share: the gate they pass, the session they record into, and the life of
 * the tracer in this process (start, fork, end).
 *
 * Runs in any thread of the traced program. Must not print in steady state, abort, or change errno.
 */
#ifndef MEMTRACE_TRACER_TRACER_H
#define MEMTRACE_TRACER_TRACER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "session/process.h"
#include "tracer/gate.h"
#include "tracer/thread.h"

struct tracer {
        struct session *session;
        struct process *process;
        bool has_tsc;         /* every thread times its records by it */
        bool libunwind;       /* MEMTRACE_UNWIND=libunwind, and it is there */
        bool blind;           /* the heap is out of reach, see neighbours.h: paused for good, but reports */
        _Atomic bool paused;  /* as the gate; kept over fork */
        _Atomic bool begun;   /* this process was not paused at some time: there may be blocks to release */
        _Atomic bool reached; /* a hook took the slow path: what a probe of neighbours.c looks for */
        _Atomic uint32_t unloads; /* begins and ends of dlcloses; see walk.h's epoch */
};
extern struct tracer tracer;

/*
 * This thread's ring and state, from its first event on, and the gate as it was then. In a fork child the
 * gate is another, whichever thread opened it: what its parent's thread had is not this one's.
 */
struct own_thread {
        struct thread *thread;
        uint32_t gate;
};
extern __thread struct own_thread own_thread __attribute__((tls_model("initial-exec")));

/* What a thread's ring is wanted for, which decides what becomes of it while tracing is paused. */
enum tracer_use {
        TRACER_ALLOCATION, /* not recorded */
        TRACER_RELEASE,    /* recorded, so that what is live stays true, if anything can be */
        TRACER_WORD,       /* what the program says or asks: recorded */
        /* The same of blocks that the program reports: as those, unless it is malloc's heap alone that is
         * out of reach. */
        TRACER_REPORT,
        TRACER_REPORT_END,
};

/*
 * The calling thread's state if such an event is to be recorded, else NULL. The fast path is
 * three loads; the first event of a process starts the tracer, or joins a fork child to its
 * family's collector.
 */
struct thread *tracer_thread_slow(enum tracer_use use);

static inline struct thread *tracer_thread_for(enum tracer_use use) {
        if (__builtin_expect(gate_now() == own_thread.gate, 1))
                return own_thread.thread;
        return tracer_thread_slow(use);
}

static inline struct thread *tracer_thread(void) {
        return tracer_thread_for(TRACER_ALLOCATION);
}

/* From here on, in all threads: record no allocations, or again. Nothing where the heap is out of reach. */
void tracer_pause(bool paused);

/* Do what the collector was told to have done (process.h's `wanted`). */
void tracer_obey(void);

/* Start tracing if this process has not: the constructor's and the first hook's call. */
void tracer_start(void);

/* So many events more, or fewer, were not recorded for want of a ring. */
void tracer_lost(int events);

/* The collector is gone: nothing is recorded any more, and stderr says so. */
void tracer_give_up(void);

/* tracer_say of two parts, the second may be NULL; the first to say something in a session is the only one.
 */
void tracer_say_once(const char *part, const char *more);

/*
 * The program is about to end with `code`: tell the collector and wait until all is
 * written. Not for a vfork child, which is recognised by its pid.
 */
void tracer_finish(int code);

/*
 * Around a real exec: the collector is told that the program may be replaced, and that it was not. False
 * in a vfork child, which is not the process that is traced. errno kept.
 */
bool tracer_exec_begin(void);
void tracer_exec_failed(void);

/* "memtrace: " and the parts up to NULL, as one line on stderr. Signal-safe, errno kept. */
void tracer_say(const char *part, ...) __attribute__((sentinel));

#endif
