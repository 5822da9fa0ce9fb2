/* Several rings read as one: order of time, holes, and records that come out of turn. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "stage.h"

#define A UINT64_C(0x555500001000)
#define US UINT64_C(1000)

static struct stage *stage;

static void begin(void) {
        stage = stage_new(4);
        for (uint32_t ring = 0; ring < 4; ring++)
                play_thread(stage, ring, 100 + ring);
}

static void turn_after(uint64_t ns) {
        stage_pass(stage, ns);
        (void)stage_turn(stage);
}

/* As the collector does while it waits: a turn every 16 ms. */
static void turns_for(uint64_t ns) {
        for (uint64_t passed_ns = 0; passed_ns < ns; passed_ns += 16 * STAGE_MS)
                turn_after(16 * STAGE_MS);
}

static struct seen *expect(const char *story) {
        struct seen *seen = stage_finish(stage);

        if (story)
                cr_assert_str_eq(seen_story(seen), story);
        return seen;
}

static void done(struct seen *seen) {
        seen_free(seen);
        stage_free(stage);
}

TestSuite(merge, .init = begin);

Test(merge, rings_are_read_in_order_of_time) {
        struct seen *seen;

        play_alloc(stage, 0, A, 0, 1, 100 * US);
        play_alloc(stage, 1, A + 16, 0, 2, 50 * US);
        play_free(stage, 1, A, 150 * US);
        play_alloc(stage, 2, A, 0, 3, 200 * US);
        play_free(stage, 0, A, 250 * US);
        play_free(stage, 3, A + 16, 120 * US);
        turn_after(STAGE_MS);
        seen = expect("A2 A1 F2 F1 A3 F3");
        cr_assert_eq(seen->thread_count, 4);
        cr_assert_neq(seen->events[0].thread, seen->events[1].thread);
        cr_assert_eq(seen->events[0].thread, seen->events[3].thread);
        done(seen);
}

Test(merge, what_is_younger_than_the_slack_waits_for_the_next_turn) {
        struct seen *seen;

        turn_after(100 * US);
        play_alloc(stage, 0, A, 0, 1, 95 * US);
        turn_after(0);
        cr_assert_eq(stage->trace->events.allocations, 0);
        play_alloc(stage, 1, A + 16, 0, 2, 94 * US);
        turn_after(100 * US);
        seen = expect("A2 A1");
        done(seen);
}

Test(merge, temporary_is_a_matter_of_one_thread) {
        struct seen *seen;

        play_alloc(stage, 0, A, 0, 1, 10 * US);
        play_alloc(stage, 1, A + 16, 0, 2, 20 * US);
        play_free(stage, 0, A, 30 * US);
        play_free(stage, 0, A + 16, 40 * US);
        turn_after(STAGE_MS);
        seen = expect("A1 A2 T1 F2");
        done(seen);
}

Test(merge, an_allocation_ahead_of_its_addresss_free_waits_behind_it) {
        struct seen *seen;

        play_alloc(stage, 0, A, 0, 1, 10 * US);
        play_alloc(stage, 1, A, 0, 2, 100 * US);
        play_alloc(stage, 2, A, 0, 3, 102 * US);
        play_free(stage, 0, A, 104 * US);
        play_free(stage, 1, A, 105 * US);
        play_free(stage, 3, A, 106 * US);
        turn_after(STAGE_MS);
        seen = expect("A1 A2 A3 T1 T2 F3");
        cr_assert_eq(seen->end.live_blocks, 0);
        cr_assert_eq(seen->end.foreign_frees, 0);
        done(seen);
}

Test(merge, a_free_ahead_of_its_allocation_is_its_free) {
        struct seen *seen;

        play_free(stage, 1, A, 99 * US);
        play_alloc(stage, 0, A, 0, 1, 100 * US);
        play_alloc(stage, 2, A, 0, 2, 300 * US);
        turn_after(STAGE_MS);
        seen = expect("A1 F1 A2");
        cr_assert_eq(seen->end.foreign_frees, 0);
        done(seen);
}

Test(merge, a_foreign_free_is_not_of_the_block_that_takes_its_address) {
        struct seen *seen;

        play_free(stage, 1, A, 50 * US);
        play_alloc(stage, 0, A, 0, 1, 100 * US); /* much later by another thread */
        play_free(stage, 2, A + 16, 100 * US);
        play_alloc(stage, 2, A + 16, 0, 2, 101 * US); /* at once, but by the same */
        turn_after(STAGE_MS);
        seen = expect("A1 A2");
        cr_assert_eq(seen->end.foreign_frees, 2);
        cr_assert_eq(seen->end.live_blocks, 2);
        done(seen);
}

Test(merge, an_address_whose_free_never_comes_was_freed_unseen) {
        struct seen *seen;

        play_alloc(stage, 0, A, 0, 1, 10 * US);
        play_alloc(stage, 1, A, 0, 2, 100 * US);
        turn_after(STAGE_MS);
        play_alloc(stage, 1, A + 16, 0, 3, 5 * STAGE_MS);
        turn_after(5 * STAGE_MS);
        play_free(stage, 1, A, 7 * STAGE_MS);
        turn_after(5 * STAGE_MS);
        seen = expect("A1 A2 A3 F1 F2");
        done(seen);
}

Test(merge, realloc_by_two_threads_of_one_address) {
        struct seen *seen;

        play_alloc(stage, 0, A, 0, 1, 10 * US);
        play_op(stage, 0, RECORD_REALLOC_BEGIN, A, 20 * US);
        play_alloc(stage, 1, A, 0, 2, 30 * US); /* realloc has moved and freed it already */
        play_done(stage, 0, A + 64, 0, 3, 40 * US);
        play_free(stage, 1, A, 50 * US);
        play_free(stage, 1, A + 64, 60 * US);
        turn_after(STAGE_MS);
        seen = expect("A1 A2 T1 A3 T2 F3");
        done(seen);
}

Test(merge, a_realloc_ahead_of_its_blocks_allocation) {
        struct seen *seen;

        play_op(stage, 1, RECORD_REALLOC_BEGIN, A, 99 * US);
        play_alloc(stage, 0, A, 0, 1, 100 * US);
        play_done(stage, 1, A, 0, 2, 101 * US);
        play_free(stage, 2, A, 110 * US);
        turn_after(STAGE_MS);
        seen = expect("A1 F1 A2 F2");
        cr_assert_eq(seen->end.foreign_frees, 0);
        done(seen);
}

Test(merge, a_realloc_that_fails_ahead_of_its_blocks_allocation) {
        struct seen *seen;

        play_op(stage, 1, RECORD_REALLOC_BEGIN, A, 99 * US);
        play_alloc(stage, 0, A, 0, 1, 100 * US);
        play_op(stage, 1, RECORD_REALLOC_FAILED, A, 101 * US);
        play_free(stage, 2, A, 110 * US);
        turn_after(STAGE_MS);
        seen = expect("A1 F1");
        cr_assert_eq(seen->end.foreign_frees, 0);
        done(seen);
}

Test(merge, a_realloc_over_before_its_blocks_allocation) {
        struct seen *seen;

        play_op(stage, 1, RECORD_REALLOC_BEGIN, A, 99 * US);
        play_done(stage, 1, A + 64, 0, 2, 100 * US);
        play_alloc(stage, 0, A, 0, 1, 101 * US);
        play_free(stage, 2, A + 64, 110 * US);
        turn_after(STAGE_MS);
        seen = expect("A2 A1 F1 F2");
        cr_assert_eq(seen->end.foreign_frees, 0);
        done(seen);
}

Test(merge, a_realloc_of_a_foreign_block_is_not_of_the_one_that_takes_its_address) {
        struct seen *seen;

        play_op(stage, 1, RECORD_REALLOC_BEGIN, A, 50 * US);
        play_alloc(stage, 0, A, 0, 1, 100 * US); /* realloc has moved and freed it already */
        play_done(stage, 1, A + 64, 0, 2, 110 * US);
        play_op(stage, 2, RECORD_REALLOC_BEGIN, A + 128, 120 * US);
        play_op(stage, 2, RECORD_REALLOC_FAILED, A + 128, 121 * US);
        turn_after(STAGE_MS);
        seen = expect("A1 A2");
        cr_assert_eq(seen->end.foreign_frees, 1);
        cr_assert_eq(seen->end.live_blocks, 2);
        done(seen);
}

Test(merge, a_hole_keeps_younger_records_back_until_it_is_filled) {
        struct ring *ring = stage->rings[0];
        struct seen *seen;
        uint64_t position;

        turn_after(STAGE_MS);
        position = ring_reserve(ring, 3);
        play_alloc(stage, 1, A + 16, 0, 2, STAGE_MS + 500 * US);
        turn_after(STAGE_MS);
        cr_assert_eq(stage->trace->events.allocations, 0);
        ring_put(ring, position + 1, record_stack(0, 1));
        ring_put(ring, position + 2, UINT64_C(5000000000) + STAGE_MS + 400 * US);
        ring_put(ring, position, record_first(RECORD_ALLOC, 0, A) | RECORD_TIMED);
        turn_after(STAGE_MS);
        seen = expect("A1 A2");
        done(seen);
}

/* Its thread read the clock when this turn had begun, though it had reserved before the one before. */
Test(merge, a_hole_filled_after_the_turns_begin_keeps_its_time) {
        struct ring *ring = stage->rings[1];
        struct seen *seen;
        uint64_t position;

        turn_after(STAGE_MS);
        position = ring_reserve(ring, 2);
        turn_after(STAGE_MS);
        play_alloc(stage, 0, A, 0, 1, 3 * STAGE_MS + 50 * US);
        ring_put(ring, position + 1, UINT64_C(5000000000) + 3 * STAGE_MS + 51 * US);
        ring_put(ring, position, record_first(RECORD_FREE, 0, A) | RECORD_TIMED);
        turn_after(STAGE_MS); /* both are younger than its begin */
        cr_assert_eq(stage->trace->events.allocations, 0);
        turn_after(STAGE_MS);
        seen = expect("A1 F1");
        cr_assert_eq(seen->end.foreign_frees, 0);
        done(seen);
}

Test(merge, a_hole_keeps_others_back_for_a_while_only) {
        struct seen *seen;

        turn_after(STAGE_MS);
        (void)ring_reserve(stage->rings[0], 3);
        play_alloc(stage, 1, A + 16, 0, 2, STAGE_MS + 500 * US);
        turn_after(STAGE_MS);
        cr_assert_eq(stage->trace->events.allocations, 0);
        turn_after(30 * STAGE_MS);
        cr_assert_eq(stage->trace->events.allocations, 1);
        seen = expect("A2");
        cr_assert_eq(seen->end.lost, 0, "what a dying thread had begun is nothing");
        done(seen);
}

Test(merge, an_abandoned_record_is_passed_over_and_counted) {
        struct seen *seen;

        turn_after(STAGE_MS);
        (void)ring_reserve(stage->rings[0], 3);
        play_alloc(stage, 0, A, 0, 1, 2 * STAGE_MS);
        turn_after(STAGE_MS);
        turns_for(900 * STAGE_MS);
        cr_assert_eq(stage->trace->events.allocations, 0);
        turns_for(200 * STAGE_MS);
        cr_assert_eq(stage->trace->events.allocations, 1);
        seen = expect("A1");
        cr_assert_eq(seen->loss_count, 1);
        cr_assert_eq(seen->lost[MTR_LOSS_ABANDONED], 1);
        cr_assert_eq(seen->end.lost, 1);
        done(seen);
}

Test(merge, an_abandoned_record_in_a_ring_whose_thread_waits_for_room) {
        struct seen *seen;

        turn_after(STAGE_MS);
        (void)ring_reserve(stage->rings[0], 2);
        play_alloc(stage, 0, A, 0, 1, 2 * STAGE_MS);
        atomic_store(&stage->rings[0]->waiting, 1);
        turn_after(STAGE_MS);
        turns_for(150 * STAGE_MS);
        cr_assert_eq(stage->trace->events.allocations, 1);
        cr_assert_eq(atomic_load(&stage->rings[0]->tail_futex), 1, "and is woken");
        seen = expect("A1");
        done(seen);
}

Test(merge, a_machine_that_stood_still_abandons_no_record) {
        uint64_t position;
        struct seen *seen;

        turn_after(STAGE_MS);
        position = ring_reserve(stage->rings[0], 2);
        play_alloc(stage, 0, A, 0, 1, 2 * STAGE_MS);
        turn_after(STAGE_MS);
        turn_after(60000 * STAGE_MS);
        atomic_store(&stage->rings[0]->waiting, 1);
        turn_after(60000 * STAGE_MS);
        atomic_store(&stage->rings[0]->waiting, 0);
        cr_assert_eq(stage->trace->events.allocations, 0);
        ring_put(stage->rings[0], position + 1, UINT64_C(5000000000) + STAGE_MS);
        ring_put(stage->rings[0], position, record_first(RECORD_FREE, 0, A + 16) | RECORD_TIMED);
        turn_after(STAGE_MS);
        seen = expect("A1");
        cr_assert_eq(seen->end.foreign_frees, 1);
        cr_assert_eq(seen->end.lost, 0);
        done(seen);
}

/* Twenty thousand calls on a few addresses by four threads, read in turns that fall anywhere. Clock
 * readings are off by up to a microsecond. Each address alternates, so all of it must pair up. */
static void shuffle(uint64_t error_ns) {
        uint64_t time = 10 * US, allocations = 0, sum = 0;
        bool live[64] = { false };
        struct seen *seen;

        srand(7);
        for (uint32_t i = 0; i < 20000; i++) {
                uint32_t slot = (uint32_t)rand() % 64, ring = (uint32_t)rand() % 4;
                uint64_t off = error_ns ? (uint64_t)rand() % error_ns : 0;

                time += 300;
                if (live[slot] && rand() % 3 == 0) {
                        play_op(stage, ring, RECORD_REALLOC_BEGIN, A + slot * 32, time + off);
                        play_done(stage, ring, A + slot * 32, 0, slot + 1, time + off);
                        allocations++;
                        sum += slot + 1;
                        continue;
                }
                if (live[slot]) {
                        play_free(stage, ring, A + slot * 32, time + off);
                } else {
                        play_alloc(stage, ring, A + slot * 32, 0, slot + 1, time + off);
                        allocations++;
                        sum += slot + 1;
                }
                live[slot] = !live[slot];
                if (rand() % 500 == 0) {
                        stage->timebase.now_session = stage->timebase.now_ns =
                                UINT64_C(5000000000) + time + error_ns;
                        (void)stage_turn(stage);
                }
        }
        seen = expect(NULL);
        cr_assert_eq(seen->allocations, allocations);
        cr_assert_eq(seen->allocated_bytes, sum);
        cr_assert_eq(seen->end.foreign_frees, 0);
        for (uint32_t slot = 0; slot < 64; slot++)
                seen->live_blocks -= live[slot];
        cr_assert_eq(seen->live_blocks, 0);
        if (error_ns == 0) {
                for (uint32_t i = 0; i + 1 < seen->event_count; i++)
                        cr_assert_leq(seen->events[i].unit, seen->events[i + 1].unit);
        }
        done(seen);
}

Test(merge, shuffled_rings_pair_up) {
        shuffle(0);
}

Test(merge, shuffled_rings_pair_up_with_clocks_that_are_off) {
        shuffle(1000);
}
