/* The ring's contract: words publish themselves, laps tell old from new, nesting keeps order. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "session/ring.h"

static struct ring *ring_fresh(void) {
        struct ring *ring = aligned_alloc(4096, CHUNK_BYTES);

        memset(ring, 0, CHUNK_BYTES);
        ring->limit = RING_WORDS;
        return ring;
}

Test(ring, zeroed_memory_is_unpublished) {
        struct ring *ring = ring_fresh();
        uint64_t word;

        cr_assert_not(ring_get(ring, 0, &word));
        cr_assert_not(ring_get(ring, RING_WORDS - 1, &word));
        free(ring);
}

Test(ring, a_word_reads_back_once_published_in_its_own_lap_only) {
        struct ring *ring = ring_fresh();
        uint64_t position, word;

        for (uint64_t lap = 0; lap < 5; lap++) {
                for (uint64_t i = 0; i < RING_WORDS; i++) {
                        position = ring_reserve(ring, 1);
                        cr_assert_eq(position, lap * RING_WORDS + i);
                        cr_assert_not(ring_get(ring, position, &word), "lap %lu word %lu before", lap, i);
                        ring_put(ring, position, position * 3 & RECORD_PAYLOAD_MASK);
                        cr_assert(ring_get(ring, position, &word));
                        cr_assert_eq(word, position * 3 & RECORD_PAYLOAD_MASK);
                        cr_assert_not(ring_get(ring, position + RING_WORDS, &word));
                }
        }
        free(ring);
}

Test(ring, a_record_reserved_inside_another_stands_behind_it) {
        struct ring *ring = ring_fresh();
        uint64_t outer = ring_reserve(ring, 2), inner = ring_reserve(ring, 3), word;

        cr_assert_eq(outer, 0);
        cr_assert_eq(inner, 2);
        ring_put(ring, inner, 7);
        cr_assert_not(ring_get(ring, outer, &word), "the outer record is not published by the inner one");
        cr_assert(ring_get(ring, inner, &word));
        free(ring);
}

static void *produce(void *argument) {
        struct ring *ring = argument;

        for (uint64_t i = 0; i < 4 * RING_WORDS; i++) {
                while (ring->head + 1 > atomic_load(&ring->tail) + RING_WORDS)
                        sched_yield();
                ring_put(ring, ring_reserve(ring, 1), i);
        }
        return NULL;
}

Test(ring, a_reader_in_another_thread_sees_every_word_once_and_in_order) {
        struct ring *ring = ring_fresh();
        pthread_t producer;
        uint64_t word;

        cr_assert_eq(pthread_create(&producer, NULL, produce, ring), 0);
        for (uint64_t i = 0; i < 4 * RING_WORDS; i++) {
                while (!ring_get(ring, i, &word))
                        sched_yield();
                cr_assert_eq(word, i);
                atomic_store_explicit(&ring->tail, i + 1, memory_order_release);
        }
        pthread_join(producer, NULL);
        free(ring);
}

Test(record, fields_come_back_as_they_went_in) {
        uint64_t first = record_first(RECORD_REALLOC_DONE, 8, 0x7fffdeadbeef) | RECORD_TIMED | RECORD_SIZED;

        cr_assert_eq(record_op(first), RECORD_REALLOC_DONE);
        cr_assert_eq(record_kind(first), 8);
        cr_assert_eq(record_address(first), 0x7fffdeadbeef);
        cr_assert(first & RECORD_FIRST);
        cr_assert_not(first & RECORD_LAP);
        cr_assert_eq(record_words(first), RECORD_WORDS_MAX);
        cr_assert_eq(record_words(record_first(RECORD_FREE, 0, 16)), 1);
        cr_assert_eq(record_words(record_first(RECORD_ALLOC, 0, 16)), 2);
        cr_assert_eq(record_stack(0x3fffffff, 0xffffffff), UINT64_C(0x3fffffffffffffff),
                     "both bits above stay free");
}
