/*
 * The gate that every hook passes: one word, on a page that the kernel wipes in every fork child, however it
 * was forked. There it is GATE_NEW again, so a child cannot write its parent's rings.
 *
 * Runs in any thread of the traced program, re-entered by signal handlers. errno kept throughout.
 */
#ifndef MEMTRACE_TRACER_GATE_H
#define MEMTRACE_TRACER_GATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define GATE_NEW 0u                     /* this process has no entry in a session yet */
#define GATE_SHUT 1u                    /* do not record: the collector is gone, or there never was one */
#define GATE_PAUSED (UINT32_C(1) << 29) /* with OPEN: what is allocated is not recorded */
#define GATE_OPEN (UINT32_C(1) << 30)   /* record; with a number that no process it was forked by had */
#define GATE_BUSY (UINT32_C(1) << 31)   /* the thread that the lower bits tell is getting it one */
#define GATE_NEVER UINT32_MAX           /* no gate's value */

extern _Atomic uint32_t gate_page[];

static inline uint32_t gate_now(void) {
        return atomic_load_explicit(&gate_page[0], memory_order_relaxed);
}

static inline bool gate_is_open(uint32_t gate) {
        return (gate & (GATE_OPEN | GATE_BUSY)) == GATE_OPEN;
}

/* An open gate whether it is paused or not: what a thread's ring goes by. */
static inline uint32_t gate_entry(uint32_t gate) {
        return gate & ~GATE_PAUSED;
}

static inline bool gate_is_paused(uint32_t gate) {
        return gate_is_open(gate) && (gate & GATE_PAUSED);
}

/* Have the kernel wipe the page in fork children. False: this kernel does not know how. */
bool gate_wipe_on_fork(void);

/*
 * Try to move the gate from NEW to BUSY. True: the caller opens or shuts it, and until then no handler runs
 * in it, whose events would have nowhere to go. False: it is neither NEW nor in another thread's hands any
 * more.
 */
bool gate_claim(void);

/* The claimer's: what it stored before is seen by whoever passes. */
void gate_open(bool paused);
void gate_shut(void);

/* Pause an open gate, or not; any other stays as it is. Any thread. */
void gate_pause(bool paused);

/* Shut for good an open gate, and that of a process made by the claimer, which begins with a copy of its
 * memory. */
void gate_bar(void);

#endif
