/*
 * Threads of a program at work, through the tracer's own emit.c: they allocate, free, move and hand blocks
 * over. A file of its own, since the tracer's headers and the collector's meet nowhere else.
 */
#ifndef MEMTRACE_TESTS_COLLECTOR_STRESS_H
#define MEMTRACE_TESTS_COLLECTOR_STRESS_H

#include <stdbool.h>
#include <stdint.h>

#define STRESS_THREADS 4u

struct session;
struct process;
struct ring;

struct stress_counts {
        uint64_t allocations, frees;
};

void stress_start(struct session *session, struct process *process, struct ring *const rings[],
                  uint64_t rounds);

/* All of them have done their rounds, and what they recorded is in the rings. */
bool stress_is_over(void);

/* What they did. */
struct stress_counts stress_join(void);

#endif
