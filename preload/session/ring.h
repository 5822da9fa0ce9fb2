/*
 * A thread's ring of record words: single producer (with signal handlers nested in it),
 * single consumer (the collector). Positions count words since the ring was new and never
 * wrap in practice (2^64).
 *
 * Producer: reserve (advance `head` by one unlocked instruction, atomic against signals on its own
 * thread), read the clock, store each word with its lap bit. A handler that interrupts it
 * reserves behind it. Reserving before reading the clock is what lets the collector merge
 * rings in order of time: a word reserved and not yet published marks a record whose time
 * may lie before now.
 *
 * Consumer: reads words from `tail` while their lap bit says published, then stores `tail`.
 *
 * A ring stands at the start of a chunk; the tracer keeps its thread's private state behind it
 * (tracer/thread.h), and the words fill the chunk's second half.
 */
#ifndef MEMTRACE_SESSION_RING_H
#define MEMTRACE_SESSION_RING_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "session/record.h"
#include "session/session.h"

#define RING_WORDS (UINT64_C(1) << 16)
#define RING_WORDS_OFFSET (CHUNK_BYTES / 2)
_Static_assert(RING_WORDS_OFFSET + RING_WORDS * sizeof(uint64_t) <= CHUNK_BYTES, "a ring fits its chunk");
/* Kept free of top-level records: room for handlers that nest between the check and the reservation. */
#define RING_MARGIN_WORDS 512u

struct ring {
        /* Producer. The collector reads `head` only. */
        alignas(64) uint64_t head; /* words reserved; read by the collector with __atomic_load */
        uint64_t limit; /* the head up to which there is surely room; the collector makes it 0 to have
                         * the producer look at its process's `wanted` */

        /* Collector. */
        alignas(64) _Atomic uint64_t tail; /* words consumed; its low half is a futex the producer waits on */
        _Atomic uint32_t tail_futex;       /* advanced with `tail` when `waiting` is set */

        /* Producer, rarely. */
        alignas(64) _Atomic uint32_t waiting; /* the producer sleeps on tail_futex */
        _Atomic uint32_t owner;               /* tid of the thread that writes; CAS by a taker */
        _Atomic uint64_t dropped;             /* events given up (MTR_LOSS_OVERFLOW) */
};

static inline uint64_t *ring_words(struct ring *ring) {
        return (uint64_t *)((char *)ring + RING_WORDS_OFFSET);
}

/* The lap bit of the word at `position`: 1 on the first lap over zeroed memory. */
static inline uint64_t ring_lap(uint64_t position) {
        return (~position & RING_WORDS) * (RECORD_LAP / RING_WORDS);
}

/* Producer: the position of `words` words that are now this record's. */
static inline uint64_t ring_reserve(struct ring *ring, uint64_t words) {
        uint64_t position = words;

        /* One instruction, so a handler lands before or after it; no lock prefix, since no other
         * thread ever writes `head`. */
        __asm__ volatile("xaddq %0, %1" : "+r"(position), "+m"(ring->head) : : "memory", "cc");
        return position;
}

/* Producer: publish one word. Release: what the word names (a stack node) is visible before it. */
static inline void ring_put(struct ring *ring, uint64_t position, uint64_t word) {
        __atomic_store_n(&ring_words(ring)[position & (RING_WORDS - 1)], word | ring_lap(position),
                         __ATOMIC_RELEASE);
}

/* Collector: the word at `position` without its lap bit into *word; false while unpublished. */
static inline bool ring_get(struct ring *ring, uint64_t position, uint64_t *word) {
        /* Acquire pairs with ring_put. */
        uint64_t value = __atomic_load_n(&ring_words(ring)[position & (RING_WORDS - 1)], __ATOMIC_ACQUIRE);

        *word = value & ~RECORD_LAP;
        return (value & RECORD_LAP) == ring_lap(position);
}

#endif
