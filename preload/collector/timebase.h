/*
 * From session time (record times, see session/clock.h) to nanoseconds. The rate of the TSC is
 * not asked of anybody: two readings of both clocks tell it, and every turn of the loop anchors
 * the conversion anew, so that no error adds up.
 *
 * Runs in the collector's one thread.
 */
#ifndef MEMTRACE_COLLECTOR_TIMEBASE_H
#define MEMTRACE_COLLECTOR_TIMEBASE_H

#include "collector/sys.h"
#include "session/clock.h"

#define TIMEBASE_RATE_MIN_NS 20000u              /* the least distance a rate is taken from */
#define TIMEBASE_REBASE_NS UINT64_C(10000000000) /* a suspend spoils the rate no longer than this */

struct timebase {
        uint32_t clock;        /* enum session_clock */
        uint64_t base_session; /* where the rate is measured from */
        uint64_t base_ns;
        uint64_t now_session; /* the newest reading: session time first, then nanoseconds */
        uint64_t now_ns;
        double ns_per_unit;
};

static inline void timebase_read(struct timebase *timebase) {
        uint64_t previous = timebase->now_session, now_ns;

        timebase->now_session = session_time(timebase->clock);
        if (timebase->clock == SESSION_CLOCK_MONOTONIC) {
                timebase->now_ns = timebase->now_session;
                return;
        }
        now_ns = sys_clock_ns(CLOCK_MONOTONIC);
        /* 0: it cannot be read any more. Then as far as the other one tells; and never back. */
        if (now_ns == 0)
                now_ns = timebase->now_ns +
                         (uint64_t)((double)(timebase->now_session - previous) * timebase->ns_per_unit);
        timebase->now_ns = now_ns > timebase->now_ns ? now_ns : timebase->now_ns;
        if (timebase->now_session < previous || timebase->now_ns - timebase->base_ns > TIMEBASE_REBASE_NS) {
                timebase->base_session = timebase->now_session;
                timebase->base_ns = timebase->now_ns;
        } else if (timebase->now_ns - timebase->base_ns >= TIMEBASE_RATE_MIN_NS) {
                timebase->ns_per_unit = (double)(timebase->now_ns - timebase->base_ns) /
                                        (double)(timebase->now_session - timebase->base_session);
        }
}

static inline void timebase_init(struct timebase *timebase, uint32_t clock) {
        *timebase = (struct timebase){ .clock = clock, .ns_per_unit = 1 };
        timebase->now_session = session_time(clock);
        timebase->now_ns = sys_clock_ns(CLOCK_MONOTONIC);
        timebase->base_session = timebase->now_session;
        timebase->base_ns = timebase->now_ns;
        while (clock == SESSION_CLOCK_TSC && timebase->now_ns - timebase->base_ns < TIMEBASE_RATE_MIN_NS)
                timebase_read(timebase);
}

/* CLOCK_MONOTONIC at a session time not after the newest reading; a later one counts as now. */
static inline uint64_t timebase_ns(const struct timebase *timebase, uint64_t session) {
        uint64_t back_ns;

        if (session >= timebase->now_session)
                return timebase->now_ns;
        back_ns = (uint64_t)((double)(timebase->now_session - session) * timebase->ns_per_unit);
        return back_ns > timebase->now_ns ? 0 : timebase->now_ns - back_ns;
}

/* So many nanoseconds in session units. */
static inline uint64_t timebase_units(const struct timebase *timebase, uint64_t ns) {
        return (uint64_t)((double)ns / timebase->ns_per_unit);
}

/* The session time at which CLOCK_MONOTONIC was or will be `ns`. */
static inline uint64_t timebase_session(const struct timebase *timebase, uint64_t ns) {
        uint64_t units;

        if (ns >= timebase->now_ns)
                return timebase->now_session + timebase_units(timebase, ns - timebase->now_ns);
        units = timebase_units(timebase, timebase->now_ns - ns);
        return units > timebase->now_session ? 0 : timebase->now_session - units;
}

#endif
