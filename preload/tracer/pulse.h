/*
 * Whether the collector still works: what a thread that waits for it looks at besides its death, which the
 * kernel tells. Private to the waiter but for the session's `stopped`; any thread, signal-safe.
 */
#ifndef MEMTRACE_TRACER_PULSE_H
#define MEMTRACE_TRACER_PULSE_H

#include <stdbool.h>
#include <stdint.h>

#include "session/calls.h"
#include "session/clock.h"
#include "session/session.h"

#define PULSE_STOPPED_NS UINT64_C(3000000000)
#define PULSE_SPINS_NS UINT64_C(5000) /* SESSION_SPINS last no less */
/* Counted at most between two looks: longer, and the waiter itself was stopped, likely with the collector. */
#define PULSE_STEP_NS UINT64_C(100000000)

struct pulse {
        uint64_t heartbeat; /* as last seen */
        uint64_t now_ns;    /* when, from any beginning */
        uint64_t silent_ns; /* how long it has not moved, as far as the waiter could see */
};

static inline struct pulse pulse_begin(struct session *session) {
        return (struct pulse){ atomic_load_explicit(&session->heartbeat, memory_order_relaxed),
                               calls_allow(CALL_CLOCK) ? clock_monotonic_ns() : 0, 0 };
}

/*
 * After each session_futex_wait of `timeout_ns`. True when there was no sign of life for PULSE_STOPPED_NS, or
 * another waiter found so; without a clock, waits are counted, and it takes somewhat longer. The collector
 * takes that back when it goes on.
 */
static inline bool pulse_has_stopped(struct pulse *pulse, struct session *session, uint64_t timeout_ns) {
        uint64_t heartbeat = atomic_load_explicit(&session->heartbeat, memory_order_relaxed);
        uint64_t step_ns = calls_allow(CALL_WAIT) ? timeout_ns : PULSE_SPINS_NS;

        if (session_is_stopped(session))
                return true;
        if (calls_allow(CALL_CLOCK))
                step_ns = clock_monotonic_ns() - pulse->now_ns;
        pulse->now_ns += step_ns;
        pulse->silent_ns += step_ns < PULSE_STEP_NS ? step_ns : PULSE_STEP_NS;
        if (heartbeat != pulse->heartbeat) {
                pulse->heartbeat = heartbeat;
                pulse->silent_ns = 0;
        }
        if (pulse->silent_ns <= PULSE_STOPPED_NS)
                return false;
        atomic_store_explicit(&session->stopped, 1, memory_order_relaxed);
        return true;
}

#endif
