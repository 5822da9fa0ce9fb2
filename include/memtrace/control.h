/*
 * How memtrace ctl speaks to a collector: one page that the collector keeps as a sealed memfd, open and
 * mapped, and that others of its user reach by /proc/COLLECTOR/fd. The traced program has no part in it.
 *
 * Who asks holds a flock on the file, so that there is one at a time and a dead one holds nothing. Both sides
 * take what they read for what anybody may have written.
 */
#ifndef MEMTRACE_CONTROL_H
#define MEMTRACE_CONTROL_H

#include <stdatomic.h>
#include <stdint.h>

#define MTR_CONTROL_NAME "memtrace-control"
#define MTR_CONTROL_MAGIC UINT32_C(0x4354524d) /* "MRTC" */
#define MTR_CONTROL_VERSION 1u
#define MTR_CONTROL_BYTES 4096u
#define MTR_CONTROL_NAME_MAX 255u

enum mtr_control_state {
        MTR_CONTROL_IDLE = 0,
        MTR_CONTROL_ASKED = 1,    /* by ctl, after the request; a futex */
        MTR_CONTROL_ANSWERED = 2, /* by the collector, after the answer */
};
#define MTR_CONTROL_STATE 3u
#define MTR_CONTROL_ROUND 4u /* above the state: how often it was asked */

enum mtr_control_verb {
        MTR_CONTROL_START = 0,
        MTR_CONTROL_STOP = 1,
        MTR_CONTROL_SNAPSHOT = 2, /* with a name */
        MTR_CONTROL_MARK = 3,     /* with a name */
        MTR_CONTROL_RESET_PEAK = 4,
        MTR_CONTROL_STATS = 5,
};

struct mtr_control_stats {
        uint64_t live_bytes, live_blocks;
        uint64_t peak_bytes;        /* of all */
        uint64_t traced_peak_bytes; /* since the peak was reset */
        uint64_t allocations, frees, foreign_frees, lost;
        uint64_t file_bytes;
        uint32_t ring_permille; /* of the fullest ring, before it was read */
        uint32_t threads;       /* that have recorded so far */
        uint32_t paused;
        uint32_t heap_seen; /* by its hooks: it has no allocator of its own in front of them */
};

struct mtr_control {
        uint32_t magic, version;
        uint64_t session_inode; /* of the memory that a process shares with this collector: see its maps */

        _Atomic uint32_t
                state; /* enum mtr_control_state, and the round: what comes too late answers nobody */
        /* The request. */
        uint32_t pid; /* as the collector has it */
        uint32_t verb;
        char name[MTR_CONTROL_NAME_MAX + 1];
        /* The answer. */
        int32_t result; /* 0, or -errno: -ESRCH where it traces no such process, -EOPNOTSUPP where the
                         * process's heap is not seen */
        struct mtr_control_stats stats;
};
_Static_assert(sizeof(struct mtr_control) <= MTR_CONTROL_BYTES, "a page");

#endif
