/*
 * Putting records into the calling thread's ring. Any thread, also in a signal handler
 * nested in itself. No lock; a syscall only where the ring is full (see calls.h). errno kept.
 */
#ifndef MEMTRACE_TRACER_EMIT_H
#define MEMTRACE_TRACER_EMIT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/single_threaded.h>

#include "session/clock.h"
#include "tracer/thread.h"
#include "tracer/tracer.h"

/* With one thread, order is the ring's own, and the collector knows the time well enough. */
#define EMIT_UNTIMED_RUN 64u

/* Does what the collector wants, waits for room, or counts a loss and returns false (overflow policy,
 * collector gone). */
bool emit_room_slow(struct thread *thread, uint64_t margin_words);

/*
 * What must be left free in front of a record. The end of a realloc and a thread's beginning may use the
 * margin: where records are dropped, half a realloc would count for what it is not.
 */
static inline uint64_t emit_margin(enum record_op op) {
        return op == RECORD_REALLOC_DONE || op == RECORD_REALLOC_FAILED || op == RECORD_REALLOC_FREED ||
                               op == RECORD_THREAD
                       ? RECORD_WORDS_MAX
                       : RING_MARGIN_WORDS;
}

/* Whether an allocation is none that is recorded, because tracing was paused while it waited for room. */
static inline bool emit_is_late(enum record_op op) {
        return (op == RECORD_ALLOC || (op == RECORD_REPORT_ALLOC && !tracer.blind)) &&
               gate_is_paused(gate_now());
}

/* By another clock than the TSC, or in a process with threads that may read none. */
uint64_t emit_time_slow(void);

static inline __attribute__((always_inline)) uint64_t emit_time(void) {
        return __builtin_expect(tracer.has_tsc, 1) ? __builtin_ia32_rdtsc() : emit_time_slow();
}

static inline __attribute__((always_inline)) bool emit_is_timed(struct thread *thread) {
        if (thread->timed)
                return true;
        if (__builtin_expect(!__libc_single_threaded, 0)) {
                thread->timed = true; /* and stays so: another thread's events must keep their place */
                return true;
        }
        if (__builtin_expect(--thread->untimed_left != 0, 1))
                return false;
        thread->untimed_left = EMIT_UNTIMED_RUN;
        return true;
}

/* A record of `first`, with `payload` behind it for an op that has a stack, and `size` where it is sized. */
static inline __attribute__((always_inline)) void emit(struct thread *thread, uint64_t first,
                                                       uint64_t payload, uint64_t size, bool timed) {
        struct ring *ring = &thread->ring;
        uint64_t position;

        uint64_t margin_words = emit_margin(record_op(first));

        if (__builtin_expect(ring->head + margin_words > ring->limit, 0) &&
            (!emit_room_slow(thread, margin_words) || emit_is_late(record_op(first))))
                return;
        if (timed)
                first |= RECORD_TIMED;
        position = ring_reserve(ring, record_words(first));
        /* The clock is read between reserving and publishing: see ring.h. */
        uint64_t time = timed ? emit_time() & RECORD_PAYLOAD_MASK : 0;

        ring_put(ring, position, first);
        if (record_has_stack(first))
                ring_put(ring, ++position, payload);
        if (first & RECORD_SIZED)
                ring_put(ring, ++position, size & RECORD_PAYLOAD_MASK);
        if (timed)
                ring_put(ring, ++position, time);
}

/* A block of `size` bytes: an op that has a stack. `first` lacks the address, here and below. */
static inline void emit_block(struct thread *thread, uint64_t first, uintptr_t address, size_t size,
                              uint32_t stack_id) {
        first |= address & RECORD_ADDRESS_MASK;
        if (__builtin_expect(size > UINT32_MAX, 0))
                emit(thread, first | RECORD_SIZED, record_stack(stack_id, 0), size, emit_is_timed(thread));
        else
                emit(thread, first, record_stack(stack_id, (uint32_t)size), 0, emit_is_timed(thread));
}

/* An op that only has an address. */
static inline void emit_address(struct thread *thread, uint64_t first, uintptr_t address) {
        emit(thread, first | (address & RECORD_ADDRESS_MASK), 0, 0, emit_is_timed(thread));
}

/* `name`: of the question (question.h), whose answer is awaited; 0 for none. */
static inline void emit_ask(struct thread *thread, enum record_ask kind, uintptr_t address, uint64_t name) {
        emit(thread, record_first(RECORD_ASK, kind, address) | RECORD_SIZED, 0, name, true);
}

static inline void emit_thread(struct thread *thread, uint32_t tid) {
        emit(thread, record_first(RECORD_THREAD, 0, tid), 0, 0, true);
}

#endif
