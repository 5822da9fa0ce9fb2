/* Domains: each is paired by itself, stands in one stream with the heap, and is in none of the heap's
 * numbers. */
#include <criterion/criterion.h>

#include "domain_stage.h"

TestSuite(domain_pairing, .init = begin);

Test(domain_pairing, one_address_is_a_block_of_the_heap_and_of_each_domain) {
        struct seen *seen;

        play_alloc(stage, 0, A, 0, 100, 0);
        play_report_alloc(stage, 0, 1, A, 0, 10, 0);
        play_report_alloc(stage, 0, 240, A, 0, 20, 0);
        play_report_free(stage, 0, 1, A, 0);
        play_alloc(stage, 0, B, 0, 7, 0);
        play_free(stage, 0, A, 0);
        play_report_free(stage, 0, 240, A, 0);
        seen = expect("A100 A10@1 A20@240 T10@1 A7 F100 T20@240");
        cr_assert_str_eq(seen->domains[0].name, "pool 1");
        cr_assert_str_eq(seen->domains[239].name, "pool 240");
        is_end(seen, 1, (struct seen_books){ 1, 1, 1, 10, 10, 0, 0 }, 0, 0);
        is_end(seen, 240, (struct seen_books){ 1, 1, 1, 20, 20, 0, 0 }, 0, 0);
        cr_assert_eq(seen->end.allocations, 2);
        cr_assert_eq(seen->end.peak_bytes, 107);
        done(seen);
}

Test(domain_pairing, the_heaps_numbers_are_its_own) {
        struct seen *seen;
        uint32_t last;

        play_report_alloc(stage, 0, 3, A, 0, 1 << 20, 0);
        play_alloc(stage, 0, B, 0, 5, 0);
        play_report_alloc(stage, 0, 3, B, 0, 1 << 20, 0);
        play_free(stage, 0, B, 0);
        (void)stage_turn(stage);
        stage_pass(stage, 50 * STAGE_MS);
        (void)stage_turn(stage);
        play_alloc(stage, 0, B, 0, 6, 0);
        play_report_free(stage, 0, 3, A, 0);
        seen = expect("A1048576@3 A5 A1048576@3 T5 A6 F1048576@3");
        last = seen->block_count - 1;
        cr_assert_gt(last, 1);
        cr_assert_eq(seen->domains[2].name_count, 1);
        cr_assert_eq(seen->blocks[1].header.event_count, 4);
        cr_assert_eq(seen->blocks[1].header.peak_bytes, 5);
        cr_assert_eq(seen->blocks[1].header.peak_event, 2);
        cr_assert_eq(seen->blocks[last].header.events_before, 4);
        cr_assert_eq(seen->blocks[last].header.live_bytes_begin, 0);
        cr_assert_eq(seen->blocks[last].header.live_blocks_begin, 0);
        cr_assert_eq(seen->blocks[last].header.peak_bytes, 6);
        cr_assert_eq(seen->end.allocations, 2);
        cr_assert_eq(seen->end.frees, 1);
        cr_assert_eq(seen->end.allocated_bytes, 11);
        cr_assert_eq(seen->end.peak_bytes, 6);
        cr_assert_eq(seen->end.live_bytes, 6);
        cr_assert_eq(seen->end.live_blocks, 1);
        cr_assert_eq(seen->end.temporary, 1);
        cr_assert_eq(seen->end.unknown_stacks, 4);
        is_end(seen, 3, (struct seen_books){ 2, 1, 0, 2 << 20, 2 << 20, 1 << 20, 1 }, 0, 0);
        done(seen);
}

Test(domain_pairing, a_block_reported_again_ends_the_older_one) {
        struct seen *seen;

        play_report_alloc(stage, 0, 1, A, 0, 8, 0);
        play_report_alloc(stage, 0, 1, A, 0, 9, 0);
        play_report_free(stage, 0, 1, A, 0);
        seen = expect("A8@1 F8@1 A9@1 T9@1");
        is_end(seen, 1, (struct seen_books){ 2, 2, 1, 17, 9, 0, 0 }, 0, 1);
        cr_assert_eq(seen->end.foreign_frees, 0);
        done(seen);
}

/* Of handles and reserved ranges a program may say anything; the sum stays, as readers' does. */
Test(domain_pairing, more_bytes_than_can_be_said) {
        struct seen *seen;

        for (uint32_t i = 0; i < 257; i++) {
                play_report_alloc(stage, 0, 1, A, 0, MTR_SITE_BYTES_MAX, 0);
                play_report_free(stage, 0, 1, A, 0);
        }
        stage_pass(stage, STAGE_MS);
        (void)stage_turn(stage);
        seen = stage_finish(stage);
        is_end(seen, 1, (struct seen_books){ 257, 257, 257, UINT64_MAX, MTR_SITE_BYTES_MAX, 0, 0 }, 0, 0);
        done(seen);
}

Test(domain_pairing, frees_of_what_is_not_known_are_counted) {
        struct seen *seen;

        play_alloc(stage, 0, A, 0, 8, 0);
        play_report_free(stage, 0, 2, A, 0);
        play_report_alloc(stage, 0, 1, A, 0, 9, 0);
        play_report_free(stage, 0, 1, A, 0);
        play_report_free(stage, 0, 1, A, 0);
        seen = expect("A8 A9@1 T9@1");
        is_end(seen, 1, (struct seen_books){ 1, 1, 1, 9, 9, 0, 0 }, 1, 0);
        is_end(seen, 2, (struct seen_books){ 0 }, 1, 0);
        cr_assert_eq(seen->end.foreign_frees, 0);
        cr_assert_eq(seen->end.live_blocks, 1);
        done(seen);
}

Test(domain_pairing, a_free_that_was_dropped_is_made_up_for_when_its_address_comes_again) {
        struct seen *seen;

        play_report_alloc(stage, 0, 1, A, 0, 1, 0);
        play_report_alloc(stage, 0, 1, A, 0, 2, 0);
        atomic_store(&stage->rings[0]->dropped, 3);
        stage_pass(stage, STAGE_MS);
        (void)stage_turn(stage);
        seen = stage_finish(stage);
        cr_assert_str_eq(seen_story(seen), "A1@1 F1@1 A2@1");
        cr_assert_eq(seen->end.lost, 2);
        done(seen);
}

Test(domain_pairing, distances_count_a_domains_own_allocations) {
        struct seen *seen;

        play_alloc(stage, 0, A, 0, 1, 0);
        for (uint64_t i = 0; i < 3; i++)
                play_report_alloc(stage, 0, 1, B + 16 * i, 0, 2, 0);
        play_alloc(stage, 0, C, 0, 3, 0);
        play_free(stage, 0, C, 0);
        play_free(stage, 0, A, 0);
        play_report_free(stage, 0, 1, B + 32, 0);
        play_report_free(stage, 0, 1, B, 0);
        seen = expect("A1 A2@1 A2@1 A2@1 A3 T3 F1 T2@1 F2@1");
        cr_assert_str_eq(seen_lives(seen), "1:0x1=0 0:0x1=0 2:0x1=0 0:0x1=0");
        done(seen);
}

Test(domain_pairing, an_age_of_more_than_32_bits_is_none_that_is_small) {
        const uint64_t step = UINT64_C(1) << 27; /* what the stream advances by at once, about */
        struct seen *seen;

        play_report_alloc(stage, 0, 1, A, 0, 1, 1 * US);
        for (uint64_t i = 1; i <= 36; i++) {
                stage_pass(stage, (step - 1) * STAGE_MS);
                play_alloc(stage, 0, B + 16 * i, 0, 1, i * (step - 1) * STAGE_MS);
                (void)stage_turn(stage);
        }
        play_report_free(stage, 0, 1, A, 0);
        (void)stage_turn(stage);
        trace_close(stage->trace, MTR_END_EXITED, 0);
        seen = seen_read(stage->fd);
        cr_assert_eq(seen->life_count, 1);
        cr_assert_geq(seen->lives[0].ms, LIVE_AGE_MAX);
        done(seen);
}

/* Several rings. */

Test(domain_pairing_of_rings, a_free_of_another_ring_ahead_of_its_block) {
        struct seen *seen;

        begin_with(3);
        play_report_free(stage, 1, 1, A, 99 * US);
        play_report_alloc(stage, 0, 1, A, 0, 1, 100 * US);
        play_report_alloc(stage, 2, 1, A, 0, 2, 300 * US);
        seen = expect("A1@1 F1@1 A2@1");
        is_end(seen, 1, (struct seen_books){ 2, 1, 0, 3, 2, 2, 1 }, 0, 0);
        done(seen);
}

Test(domain_pairing_of_rings, what_is_held_is_a_heaps_own) {
        struct seen *seen;

        begin_with(2);
        play_free(stage, 1, A, 99 * US);
        play_report_free(stage, 1, 2, A, 99 * US + 1);
        play_report_alloc(stage, 0, 1, A, 0, 1, 100 * US);
        play_report_alloc(stage, 0, 2, A, 0, 2, 101 * US);
        play_alloc(stage, 0, A, 0, 3, 101 * US + 500);
        seen = expect("A1@1 A2@2 F2@2 A3");
        cr_assert_eq(seen->end.foreign_frees, 1);
        is_end(seen, 1, (struct seen_books){ 1, 0, 0, 1, 1, 1, 1 }, 0, 0);
        is_end(seen, 2, (struct seen_books){ 1, 1, 0, 2, 2, 0, 0 }, 0, 0);
        done(seen);
}

Test(domain_pairing_of_rings, an_allocation_ahead_of_its_addresss_free_waits_behind_it) {
        struct seen *seen;

        begin_with(3);
        play_report_alloc(stage, 0, 9, A, 0, 1, 10 * US);
        play_report_alloc(stage, 1, 9, A, 0, 2, 100 * US);
        play_report_free(stage, 0, 9, A, 104 * US);
        play_report_free(stage, 1, 9, A, 105 * US);
        seen = expect("A1@9 A2@9 T1@9 T2@9");
        is_end(seen, 9, (struct seen_books){ 2, 2, 2, 3, 3, 0, 0 }, 0, 0);
        done(seen);
}

Test(domain_pairing_of_rings, what_no_ring_frees_was_reported_twice) {
        struct seen *seen;

        begin_with(2);
        play_report_alloc(stage, 0, 1, A, 0, 1, 10 * US);
        play_report_alloc(stage, 1, 1, A, 0, 2, 20 * US);
        play_report_free(stage, 0, 1, B, 30 * US);
        seen = expect("A1@1 A2@1 F1@1");
        is_end(seen, 1, (struct seen_books){ 2, 1, 0, 3, 3, 2, 1 }, 1, 1);
        done(seen);
}
