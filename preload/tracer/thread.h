/*
 * A thread's private state, behind its ring in the same chunk. When a thread has ended,
 * another of its process takes the chunk over, so short threads leave nothing behind.
 */
#ifndef MEMTRACE_TRACER_THREAD_H
#define MEMTRACE_TRACER_THREAD_H

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>

#include "session/ring.h"
#include "tracer/walk.h"

/* Hooks nested deeper in others have no stack, and what they leave by a jump is the collector's to find. */
#define NESTING_MAX (WALK_LEVELS - 1)

/* A hook that began to record in a handler, while another one was recording. */
struct nested {
        uintptr_t hook_sp;
        uint64_t head; /* of the ring, when it began */
};

struct thread {
        struct ring ring;
        volatile uint64_t recording; /* the outermost hook that records, and how many in it: see nesting.h */
        struct nested nested[NESTING_MAX]; /* the outermost first */
        bool timed;            /* every record carries its time: the process has, or had, other threads */
        uint32_t untimed_left; /* untimed records until one is timed anyway */
        /* A reallocarray under way: the realloc it may call is its own (0: none). */
        uintptr_t array_address;
        size_t array_bytes;
        uintptr_t array_sp; /* its hook's frame address */
        struct walker walker;
};
_Static_assert(sizeof(struct thread) <= RING_WORDS_OFFSET, "the ring's words follow");

/* A thread state for the caller in tracer.process, NULL when there is no room. errno kept. */
struct thread *thread_take(void);

/*
 * A time for a thread that may not read the clock: later than any record of the process that this thread can
 * know of, and no later than now. Reads every ring of the process.
 */
uint64_t thread_time_without_clock(void);

#endif
