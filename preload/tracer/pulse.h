/*
 * Whether the collector still works: what a thread that waits for it looks at besides its death, which the
 * kernel tells. Private to the waiter; any thread, signal-safe.
 */
#ifndef MEMTRACE_TRACER_PULSE_H
#define MEMTRACE_TRACER_PULSE_H

#include <stdbool.h>
#include <stdint.h>

#include "session/clock.h"
#include "session/session.h"

#define PULSE_STOPPED_NS UINT64_C(3000000000)

struct pulse {
        uint64_t heartbeat; /* as last seen */
        uint64_t seen_ns;   /* when it last moved */
};

static inline struct pulse pulse_begin(struct session *session) {
        return (struct pulse){ atomic_load_explicit(&session->heartbeat, memory_order_relaxed),
                               clock_monotonic_ns() };
}

/* True when there was no sign of life for PULSE_STOPPED_NS. */
static inline bool pulse_has_stopped(struct pulse *pulse, struct session *session, uint64_t now_ns) {
        uint64_t heartbeat = atomic_load_explicit(&session->heartbeat, memory_order_relaxed);

        if (heartbeat != pulse->heartbeat)
                *pulse = (struct pulse){ heartbeat, now_ns };
        return now_ns - pulse->seen_ns > PULSE_STOPPED_NS;
}

#endif
