/*
 * Preloaded into memtrace: each look at the clock is 300 ms after the one before, so that short work is long.
 */
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec *now) {
        static long looks;

        looks += clock == CLOCK_MONOTONIC_COARSE; /* a sanitizer looks at others */
        *now = (struct timespec){ .tv_sec = looks * 3 / 10, .tv_nsec = looks * 3 % 10 * 100000000 };
        return 0;
}
