/* Domains that are cleared: their live blocks end, and those of no other. */
#include <criterion/criterion.h>

#include "domain_stage.h"

TestSuite(domain_clears, .init = begin);

Test(domain_clears, a_clear_ends_a_domains_blocks_and_no_others) {
        struct seen *seen;

        play_alloc(stage, 0, A, 0, 1, 0);
        play_report_alloc(stage, 0, 1, A, 0, 2, 0);
        play_report_alloc(stage, 0, 1, B, 0, 2, 0);
        play_report_alloc(stage, 0, 2, A, 0, 3, 0);
        play_report_clear(stage, 0, 1, 10 * US);
        play_report_clear(stage, 0, 7, 11 * US); /* nobody reported to it */
        play_report_alloc(stage, 0, 1, B, 0, 4, 0);
        play_report_free(stage, 0, 1, A, 0);
        seen = expect("A1 A2@1 A2@1 A3@2 F2@1 F2@1 A4@1");
        is_end(seen, 1, (struct seen_books){ 3, 2, 0, 8, 4, 4, 1 }, 1, 0);
        is_end(seen, 2, (struct seen_books){ 1, 0, 0, 3, 3, 3, 1 }, 0, 0);
        cr_assert_eq(seen->end.live_blocks, 1);
        done(seen);
}

Test(domain_clears, a_clear_of_more_than_a_batch) {
        static const uint32_t blocks = 30000;
        struct seen *seen;

        for (uint32_t i = 0; i < blocks; i++) {
                play_report_alloc(stage, 0, 1, A + 16 * (uint64_t)i, 0, 2, 0);
                if (i % 5000 == 0)
                        (void)stage_turn(stage);
        }
        play_report_clear(stage, 0, 1, 10 * US);
        play_alloc(stage, 0, A, 0, 1, 0);
        stage_pass(stage, STAGE_MS);
        (void)stage_turn(stage);
        seen = stage_finish(stage);
        cr_assert_eq(seen->event_count, 2 * blocks + 1);
        is_end(seen, 1, (struct seen_books){ blocks, blocks, 0, 2 * blocks, 2 * blocks, 0, 0 }, 0, 0);
        done(seen);
}

Test(domain_clears, clearing_all_is_of_domains_too) {
        struct seen *seen;

        play_alloc(stage, 0, A, 0, 1, 0);
        play_report_alloc(stage, 0, 1, A, 0, 2, 0);
        play_report_alloc(stage, 0, 2, A, 0, 3, 0);
        play_words(stage, 0, record_first(RECORD_ASK, RECORD_ASK_CLEAR, 0) | RECORD_SIZED, &(uint64_t){ 0 },
                   1, 10 * US);
        seen = expect("A1 A2@1 A3@2 F1 F2@1 F3@2");
        cr_assert_eq(seen->end.live_blocks, 0);
        is_end(seen, 1, (struct seen_books){ 1, 1, 0, 2, 2, 0, 0 }, 0, 0);
        is_end(seen, 2, (struct seen_books){ 1, 1, 0, 3, 3, 0, 0 }, 0, 0);
        done(seen);
}

Test(domain_clears, a_clear_takes_what_waits_for_a_free) {
        struct seen *seen;

        begin_with(2);
        play_report_alloc(stage, 0, 1, A, 0, 1, 10 * US);
        play_report_alloc(stage, 1, 1, A, 0, 2, 20 * US);
        play_report_clear(stage, 0, 1, 30 * US);
        play_report_alloc(stage, 0, 1, A, 0, 3, 40 * US);
        seen = expect("A1@1 A2@1 F1@1 F2@1 A3@1");
        is_end(seen, 1, (struct seen_books){ 3, 2, 0, 6, 3, 3, 1 }, 0, 0);
        done(seen);
}
