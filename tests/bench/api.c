/*
 * What a call of memtrace.h costs the program: api [ROUNDS]. Run it by itself and with libmemtrace.so
 * preloaded. The fastest of many short bursts, with pauses for the collector in between, so that nobody waits
 * for room in a ring.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <memtrace/memtrace.h>

enum { CALLS = 1000, PAUSE_NS = 3000000 };

static double now_ns(void) {
        struct timespec time;

        clock_gettime(CLOCK_MONOTONIC, &time);
        return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* Best of ROUNDS bursts of CALL, each a thousand of them, in nanoseconds a call. */
#define MEASURE(WHAT, CALL)                                                                                  \
        do {                                                                                                 \
                double best_ns = 1e18;                                                                       \
                                                                                                             \
                for (int round = 0; round < rounds; round++) {                                               \
                        double start_ns = now_ns(), spent_ns;                                                \
                                                                                                             \
                        for (int i = 0; i < CALLS; i++) {                                                    \
                                CALL;                                                                        \
                                __asm__ volatile("" ::: "memory");                                           \
                        }                                                                                    \
                        spent_ns = now_ns() - start_ns;                                                      \
                        best_ns = spent_ns < best_ns ? spent_ns : best_ns;                                   \
                        nanosleep(&(struct timespec){ .tv_nsec = PAUSE_NS }, NULL);                          \
                }                                                                                            \
                printf("%-40s %7.2f ns\n", WHAT, best_ns / CALLS);                                           \
        } while (0)

int main(int argc, char **argv) {
        static char longest[MEMTRACE_NAME_MAX + 1];
        const int rounds = argc > 1 ? atoi(argv[1]) : 100;
        const unsigned domain = memtrace_domain("measured");

        for (int i = 0; i < MEMTRACE_NAME_MAX; i++)
                longest[i] = 'x';
        printf("%s\n", memtrace_is_tracing() ? "traced" : "not traced");
        MEASURE("nothing", (void)0);
        MEASURE("memtrace_is_tracing", (void)memtrace_is_tracing());
        MEASURE("memtrace_mark, 7 bytes", memtrace_mark("request"));
        MEASURE("memtrace_mark, 28 bytes", memtrace_mark("request 1234567 of somewhere"));
        MEASURE("memtrace_mark, 255 bytes", memtrace_mark(longest));
        MEASURE("memtrace_snapshot, 7 bytes", memtrace_snapshot("request"));
        MEASURE("MEMTRACE_SCOPE, begin and end, 7 bytes", { MEMTRACE_SCOPE("request"); });
        MEASURE("memtrace_domain", (void)memtrace_domain("pool"));
        MEASURE("memtrace_report_alloc, 16 bytes", memtrace_report_alloc(domain, &longest[i % 64], 16));
        MEASURE("memtrace_report_free", memtrace_report_free(domain, &longest[i % 64]));
        MEASURE("memtrace_report_alloc and _free", {
                memtrace_report_alloc(domain, longest, 16);
                memtrace_report_free(domain, longest);
        });
        return 0;
}
