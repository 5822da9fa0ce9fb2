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
#include "tracer/thread.h"

/*
 * The gate is one word on a page that the kernel wipes in every fork child, however it was
 * forked: there it is GATE_NEW again, so a child cannot write its parent's rings.
 */
enum gate {
        GATE_NEW = 0,   /* this process has no entry in a session yet */
        GATE_BUSY = 1,  /* it is getting one: what allocates meanwhile is only forwarded */
        GATE_OPEN = 2,  /* record */
        GATE_SHUT = 3,  /* do not record: paused, or the collector is gone */
        GATE_BLIND = 4, /* traced, but the heap is out of reach: see neighbours.h */
};

extern _Atomic uint32_t tracer_gate_page[];

struct tracer {
        struct session *session;
        struct process *process;
        bool has_tsc;             /* every thread times its records by it */
        bool libunwind;           /* MEMTRACE_UNWIND=libunwind, and it is there */
        _Atomic bool reached;     /* a hook took the slow path: what a probe of neighbours.c looks for */
        _Atomic uint32_t unloads; /* dlcloses that removed a module; see walk.h's epoch */
};
extern struct tracer tracer;

/* This thread's ring and state; NULL until its first event, and in a fork child until its own. */
extern __thread struct thread *thread_self __attribute__((tls_model("initial-exec")));

static inline enum gate tracer_gate(void) {
        return (enum gate)atomic_load_explicit(&tracer_gate_page[0], memory_order_relaxed);
}

/*
 * The calling thread's state if its events are to be recorded, else NULL. The fast path is
 * two loads; the first event of a process starts the tracer, or joins a fork child to its
 * family's collector.
 */
struct thread *tracer_thread_slow(void);

static inline struct thread *tracer_thread(void) {
        struct thread *thread = thread_self;

        if (__builtin_expect(tracer_gate() == GATE_OPEN && thread != NULL, 1))
                return thread;
        return tracer_thread_slow();
}

/* Start tracing if this process has not: the constructor's and the first hook's call. */
void tracer_start(void);

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

/* After the real dlclose. */
void tracer_unloaded(void);

/* "memtrace: " and the parts up to NULL, as one line on stderr. Signal-safe, errno kept. */
void tracer_say(const char *part, ...) __attribute__((sentinel));

#endif
