/*
 * The gate's page and its changes: see gate.h. Slow paths all: a process's start, a fork child's first event,
 * and the end of tracing.
 */
#include "tracer/gate.h"

#include <errno.h>
#include <signal.h>
#include <stdalign.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "session/calls.h"
#include "session/clock.h"
#include "session/session.h"
#include "tracer/tracer.h"

#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif

#define PAGE_BYTES 4096u
#define WAIT_STEP_NS UINT64_C(20000000)
#define WAIT_MAX_NS UINT64_C(15000000000) /* longer than a start may take */

#define SIGNAL_BIT(signal) (UINT64_C(1) << ((signal)-1))
/* Those that the kernel sends for what the thread does: blocked, they would kill. */
#define SIGNALS_OF_OWN                                                                                       \
        (SIGNAL_BIT(SIGSEGV) | SIGNAL_BIT(SIGBUS) | SIGNAL_BIT(SIGILL) | SIGNAL_BIT(SIGFPE) |                \
         SIGNAL_BIT(SIGTRAP) | SIGNAL_BIT(SIGSYS))

alignas(PAGE_BYTES) _Atomic uint32_t gate_page[PAGE_BYTES / sizeof(uint32_t)];

/* The claimer's. `opened` is copied by fork, and so higher in a child than in any process before it. */
static uint64_t signals_before;
static uint32_t opened;

bool gate_wipe_on_fork(void) {
        return madvise(gate_page, PAGE_BYTES, MADV_WIPEONFORK) == 0;
}

/* By the system call: libc's function leaves out the signals it uses itself, thread cancellation's among
 * them. */
static void signals_set(uint64_t set, uint64_t *before) {
        if (calls_allow(CALL_PROBE))
                (void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, &set, before, sizeof(set));
}

static void wait_while(uint32_t busy) {
        uint64_t start_ns = calls_allow(CALL_CLOCK) ? clock_monotonic_ns() : 0;

        /* Acquire pairs with the claimer's release. */
        while (atomic_load_explicit(&gate_page[0], memory_order_acquire) == busy) {
                if (calls_allow(CALL_CLOCK) && clock_monotonic_ns() - start_ns > WAIT_MAX_NS) {
                        if (atomic_compare_exchange_strong(&gate_page[0], &busy, GATE_SHUT))
                                tracer_say("tracing does not begin; the program runs untraced", NULL);
                        return;
                }
                session_futex_wait(&gate_page[0], busy, WAIT_STEP_NS);
        }
}

/* BUSY by this thread: its own storage tells it from others. */
static uint32_t busy_here(void) {
        return GATE_BUSY | ((uint32_t)((uintptr_t)&own_thread >> 4) & (GATE_OPEN - 1));
}

bool gate_claim(void) {
        int saved = errno;
        uint32_t self = busy_here(), gate = GATE_NEW;
        uint64_t before = 0;
        bool claimed;

        signals_set(~SIGNALS_OF_OWN, &before);
        claimed = atomic_compare_exchange_strong_explicit(&gate_page[0], &gate, self, memory_order_acq_rel,
                                                          memory_order_relaxed);
        if (claimed)
                signals_before = before;
        else
                signals_set(before, NULL);
        /* What the claimer itself allocates on the way is not the program's. */
        if (!claimed && (gate & GATE_BUSY) && gate != self)
                wait_while(gate);
        errno = saved;
        return claimed;
}

static void leave(uint32_t gate) {
        uint64_t before = signals_before;
        int saved = errno;

        /* Release: who finds it open finds the session and the entry. */
        atomic_store_explicit(&gate_page[0], gate, memory_order_release);
        session_futex_wake(&gate_page[0]);
        signals_set(before, NULL);
        errno = saved;
}

void gate_open(bool paused) {
        opened = (opened + 1) % GATE_PAUSED;
        leave(GATE_OPEN | opened | (paused ? GATE_PAUSED : 0));
}

void gate_pause(bool paused) {
        uint32_t gate = gate_now();

        while (gate_is_open(gate) &&
               !atomic_compare_exchange_weak_explicit(&gate_page[0], &gate,
                                                      gate_entry(gate) | (paused ? GATE_PAUSED : 0),
                                                      memory_order_relaxed, memory_order_relaxed))
                ;
}

void gate_shut(void) {
        leave(GATE_SHUT);
}

void gate_bar(void) {
        atomic_store_explicit(&gate_page[0], GATE_SHUT, memory_order_relaxed);
}
