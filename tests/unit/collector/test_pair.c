/* Pairing in one ring: every free ends its own allocation, realloc's two halves find each other. */
#include <criterion/criterion.h>

#include "stage.h"

#define A UINT64_C(0x555500001000)
#define B UINT64_C(0x555500002000)
#define C UINT64_C(0x555500003000)

static struct stage *stage;

static void begin(void) {
        stage = stage_new(1);
        play_thread(stage, 0, 100);
}

static void expect(const char *story, uint64_t foreign) {
        struct seen *seen;

        stage_pass(stage, STAGE_MS);
        (void)stage_turn(stage);
        seen = stage_finish(stage);
        cr_assert_str_eq(seen_story(seen), story);
        cr_assert_eq(seen->end.foreign_frees, foreign);
        cr_assert_eq(seen->end.lost, 0);
        seen_free(seen);
        stage_free(stage);
}

TestSuite(pair, .init = begin);

Test(pair, a_free_ends_the_allocation_of_its_address) {
        play_alloc(stage, 0, A, 0, 16, 0);
        play_alloc(stage, 0, B, 0, 32, 0);
        play_free(stage, 0, A, 0);
        play_alloc(stage, 0, A, 0, 48, 0);
        play_free(stage, 0, B, 0);
        play_free(stage, 0, A, 0);
        expect("A16 A32 F16 A48 F32 T48", 0);
}

Test(pair, temporary_is_freed_before_the_next_allocation) {
        play_alloc(stage, 0, A, 0, 1, 0);
        play_free(stage, 0, A, 0);
        play_alloc(stage, 0, A, 0, 2, 0);
        play_alloc(stage, 0, B, 0, 3, 0);
        play_free(stage, 0, A, 0);
        play_free(stage, 0, B, 0);
        expect("A1 T1 A2 A3 F2 T3", 0);
}

Test(pair, an_unknown_address_is_foreign) {
        play_free(stage, 0, A, 0);
        play_alloc(stage, 0, A, 0, 8, 0);
        play_free(stage, 0, B, 0);
        expect("A8", 2);
}

Test(pair, in_one_ring_an_address_that_comes_again_was_freed_unseen) {
        play_alloc(stage, 0, A, 0, 8, 0);
        play_alloc(stage, 0, A, 0, 9, 0);
        play_free(stage, 0, A, 0);
        expect("A8 F8 A9 T9", 0);
}

Test(pair, realloc_is_a_free_and_an_allocation_side_by_side) {
        play_alloc(stage, 0, A, 0, 10, 0);
        play_op(stage, 0, RECORD_REALLOC_BEGIN, A, 0);
        play_done(stage, 0, B, 0, 20, 0);
        play_free(stage, 0, B, 0);
        expect("A10 T10 A20 T20", 0);
}

Test(pair, realloc_in_place) {
        play_alloc(stage, 0, A, 0, 10, 0);
        play_alloc(stage, 0, B, 0, 11, 0);
        play_op(stage, 0, RECORD_REALLOC_BEGIN, A, 0);
        play_done(stage, 0, A, 0, 20, 0);
        play_free(stage, 0, A, 0);
        expect("A10 A11 F10 A20 T20", 0);
}

Test(pair, a_failed_realloc_leaves_its_block_live) {
        play_alloc(stage, 0, A, 0, 10, 0);
        play_op(stage, 0, RECORD_REALLOC_BEGIN, A, 0);
        play_op(stage, 0, RECORD_REALLOC_FAILED, A, 0);
        play_free(stage, 0, A, 0);
        expect("A10 T10", 0);
}

Test(pair, realloc_to_nothing_is_a_free) {
        play_alloc(stage, 0, A, 0, 10, 0);
        play_op(stage, 0, RECORD_REALLOC_BEGIN, A, 0);
        play_op(stage, 0, RECORD_REALLOC_FREED, A, 0);
        expect("A10 T10", 0);
}

Test(pair, realloc_of_a_foreign_block) {
        play_op(stage, 0, RECORD_REALLOC_BEGIN, A, 0);
        play_done(stage, 0, B, 0, 20, 0);
        play_op(stage, 0, RECORD_REALLOC_BEGIN, A, 0);
        play_op(stage, 0, RECORD_REALLOC_FAILED, A, 0);
        expect("A20", 1);
}

Test(pair, an_unfinished_realloc_leaves_its_block_live) {
        struct seen *seen;

        play_alloc(stage, 0, A, 0, 10, 0);
        play_op(stage, 0, RECORD_REALLOC_BEGIN, A, 0);
        (void)stage_turn(stage);
        seen = stage_finish(stage);
        cr_assert_str_eq(seen_story(seen), "A10");
        cr_assert_eq(seen->end.live_blocks, 1);
        seen_free(seen);
        stage_free(stage);
}

Test(pair, handlers_nest_reallocs) {
        play_alloc(stage, 0, A, 0, 1, 0);
        play_alloc(stage, 0, B, 0, 2, 0);
        play_op(stage, 0, RECORD_REALLOC_BEGIN, A, 0);
        play_op(stage, 0, RECORD_REALLOC_BEGIN, B, 0);
        play_done(stage, 0, B, 0, 3, 0);
        play_alloc(stage, 0, C, 0, 4, 0);
        play_done(stage, 0, A, 0, 5, 0);
        play_free(stage, 0, A, 0);
        play_free(stage, 0, B, 0);
        expect("A1 A2 T2 A3 A4 F1 A5 T5 F3", 0);
}

Test(pair, reallocs_left_by_siglongjmp_leave_their_blocks_live) {
        for (uint64_t i = 0; i < CURSOR_BEGUN_MAX + 3; i++) {
                play_alloc(stage, 0, A + 16 * i, 0, 7, 0);
                play_op(stage, 0, RECORD_REALLOC_BEGIN, A + 16 * i, 0);
        }
        play_thread(stage, 0, 101);
        for (uint64_t i = 0; i < CURSOR_BEGUN_MAX + 3; i++)
                play_free(stage, 0, A + 16 * i, 0);
        expect("A7 A7 A7 A7 A7 A7 A7 A7 A7 A7 A7 F7 F7 F7 F7 F7 F7 F7 F7 F7 F7 F7", 0);
}

Test(pair, a_realloc_left_by_siglongjmp_can_be_made_again_and_its_block_freed) {
        play_alloc(stage, 0, A, 0, 1, 0);
        play_op(stage, 0, RECORD_REALLOC_BEGIN, A, 0);
        play_op(stage, 0, RECORD_REALLOC_BEGIN, A, 0);
        play_done(stage, 0, B, 0, 2, 0);
        play_op(stage, 0, RECORD_REALLOC_BEGIN, B, 0);
        play_free(stage, 0, B, 0);
        play_op(stage, 0, RECORD_REALLOC_BEGIN, C, 0);
        play_free(stage, 0, C, 0);
        expect("A1 T1 A2 T2", 1);
}

Test(pair, what_was_reserved_for_nothing_is_nothing) {
        play_alloc(stage, 0, A, 0, 1, 0);
        play_op(stage, 0, RECORD_VOID, 0, 0);
        play_free(stage, 0, A, 0);
        expect("A1 T1", 0);
}

Test(pair, a_thread_that_takes_the_ring_over_has_allocated_nothing) {
        play_alloc(stage, 0, A, 0, 1, 0);
        play_thread(stage, 0, 101);
        play_free(stage, 0, A, 0);
        expect("A1 F1", 0);
}

Test(pair, sizes_that_need_a_word_of_their_own) {
        play_alloc(stage, 0, A, 0, UINT64_C(1) << 40, 0);
        play_alloc(stage, 0, B, 0, UINT32_MAX, 5);
        play_free(stage, 0, A, 0);
        play_free(stage, 0, B, 0);
        expect("A1099511627776 A4294967295 F1099511627776 T4294967295", 0);
}
