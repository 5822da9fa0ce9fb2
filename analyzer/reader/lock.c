/*
 * See lock.h. Polls: flock has no timed wait, and a blocking one could not notice that the
 * collector is stuck.
 */
#include "reader/lock.h"

#include "base/message.h"
#include "base/process.h"

#include <errno.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>

#define TELL_AFTER_MS 200

bool lock_is_held(int fd) {
        /* shared: two readers do not hold each other up */
        if (flock(fd, LOCK_SH | LOCK_NB) < 0)
                return errno == EWOULDBLOCK;
        flock(fd, LOCK_UN);
        return false;
}

/* Gone, a zombie or about to be: it writes nothing any more. */
static bool is_dead(pid_t pid) {
        return strchr("ZXx", process_state(pid)) != NULL;
}

enum lock_outcome lock_wait(int fd, pid_t pid, unsigned limit_ms, const char *name) {
        const struct timespec step = { .tv_nsec = 2 * 1000 * 1000 };
        struct timespec begin, now;
        bool told = false;

        clock_gettime(CLOCK_MONOTONIC, &begin);
        while (lock_is_held(fd)) {
                long long waited_ms;

                if (!is_dead(pid))
                        return LOCK_RUNNING;
                clock_gettime(CLOCK_MONOTONIC, &now);
                waited_ms = (now.tv_sec - begin.tv_sec) * 1000ll + (now.tv_nsec - begin.tv_nsec) / 1000000;
                if (waited_ms >= limit_ms) {
                        message("%s: still being written %u s after its program ended; reading what is there",
                                name, limit_ms / 1000);
                        return LOCK_TIMEOUT;
                }
                if (waited_ms >= TELL_AFTER_MS && !told) {
                        message("%s: waiting for the last of the trace to be written", name);
                        told = true;
                }
                nanosleep(&step, NULL);
        }
        return LOCK_RELEASED;
}
