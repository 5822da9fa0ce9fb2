/*
 * Whether a trace is finished: the collector holds flock(2) on it, exclusively, for as long
 * as it writes. What that means depends on the traced program.
 *
 * Must not: keep a lock.
 */
#ifndef ANALYZER_READER_LOCK_H
#define ANALYZER_READER_LOCK_H

#include <stdbool.h>
#include <sys/types.h>

enum lock_outcome {
        LOCK_RELEASED, /* nobody writes any more */
        LOCK_RUNNING,  /* held, and the program is alive */
        LOCK_TIMEOUT,  /* the program is dead, its collector has not let go in time */
};

bool lock_is_held(int fd);

/*
 * Waits while the lock is held and `pid` is dead or a zombie, at most `limit_ms`, with a word on
 * stderr once it takes longer than a person would not notice.
 */
enum lock_outcome lock_wait(int fd, pid_t pid, unsigned limit_ms, const char *name);

#endif
