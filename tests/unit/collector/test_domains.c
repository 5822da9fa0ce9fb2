/* Domains: each is paired by itself, stands in one stream with the heap, and is in none of the heap's
 * numbers. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "collector/payload.h"
#include "stage.h"

#define A UINT64_C(0x555500001000)
#define B UINT64_C(0x555500002000)
#define C UINT64_C(0x555500003000)
#define US UINT64_C(1000)

static struct stage *stage;

static void begin_with(uint32_t rings) {
        stage = stage_new(rings);
        for (uint32_t ring = 0; ring < rings; ring++)
                play_thread(stage, ring, 100 + ring);
}

static void begin(void) {
        begin_with(1);
}

static struct seen *expect(const char *story) {
        struct seen *seen;

        stage_pass(stage, STAGE_MS);
        (void)stage_turn(stage);
        seen = stage_finish(stage);
        cr_assert_str_eq(seen_story(seen), story);
        cr_assert_eq(seen->end.lost, 0);
        return seen;
}

static void done(struct seen *seen) {
        seen_free(seen);
        stage_free(stage);
}

static void is_end(const struct seen *seen, uint32_t domain, struct seen_books books, uint64_t foreign,
                   uint64_t twice) {
        const struct seen_domain *is = &seen->domains[domain - 1];

        cr_assert_eq(is->end.allocations, books.allocations);
        cr_assert_eq(is->end.frees, books.frees);
        cr_assert_eq(is->end.temporary, books.temporary);
        cr_assert_eq(is->end.allocated_bytes, books.allocated_bytes);
        cr_assert_eq(is->end.peak_bytes, books.peak_bytes);
        cr_assert_eq(is->end.live_bytes, books.live_bytes);
        cr_assert_eq(is->end.live_blocks, books.live_blocks);
        cr_assert_eq(is->foreign_frees, foreign);
        cr_assert_eq(is->twice, twice);
}

TestSuite(domains, .init = begin);

Test(domains, one_address_is_a_block_of_the_heap_and_of_each_domain) {
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

Test(domains, the_heaps_numbers_are_its_own) {
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

Test(domains, a_block_reported_again_ends_the_older_one) {
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
Test(domains, more_bytes_than_can_be_said) {
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

Test(domains, frees_of_what_is_not_known_are_counted) {
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

Test(domains, distances_count_a_domains_own_allocations) {
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

Test(domains, a_clear_ends_a_domains_blocks_and_no_others) {
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

Test(domains, a_clear_of_more_than_a_batch) {
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

Test(domains, clearing_all_is_of_domains_too) {
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

Test(domains, sizes_and_stacks_make_sites) {
        static const uint64_t frames[] = { 0x1000, 0x2000 };
        struct seen *seen;
        uint32_t node = stage_stack(stage, frames, 2);

        play_report_alloc(stage, 0, 1, A, node, UINT64_C(1) << 40, 0);
        play_report_alloc(stage, 0, 1, B, node, 0, 0);
        play_report_alloc(stage, 0, 5, C, node, 0, 0);
        play_report_alloc(stage, 0, 1, A + 16, node, UINT64_C(1) << 40, 0);
        play_alloc(stage, 0, A, node, 0, 0);
        play_report_alloc(stage, 0, 5, A, node, MTR_SITE_BYTES_MAX, 0);
        seen = expect("A1099511627776@1 A0@1 A0@5 A1099511627776@1 A0 A72057594037927936@5");
        cr_assert_eq(seen->site_count, 5);
        for (uint32_t i = 0; i < seen->site_count; i++)
                cr_assert_eq(seen->sites[i].stack, 2);
        cr_assert_eq(seen->sites[0].kind, MTR_KIND_DOMAIN);
        cr_assert_eq(seen->sites[2].kind, MTR_KIND_DOMAIN + 4);
        cr_assert_eq(seen->end.unknown_stacks, 0);
        done(seen);
}

Test(domains, an_age_of_more_than_32_bits_is_none_that_is_small) {
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

Test(domains_of_rings, a_free_of_another_ring_ahead_of_its_block) {
        struct seen *seen;

        begin_with(3);
        play_report_free(stage, 1, 1, A, 99 * US);
        play_report_alloc(stage, 0, 1, A, 0, 1, 100 * US);
        play_report_alloc(stage, 2, 1, A, 0, 2, 300 * US);
        seen = expect("A1@1 F1@1 A2@1");
        is_end(seen, 1, (struct seen_books){ 2, 1, 0, 3, 2, 2, 1 }, 0, 0);
        done(seen);
}

Test(domains_of_rings, what_is_held_is_a_heaps_own) {
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

Test(domains_of_rings, an_allocation_ahead_of_its_addresss_free_waits_behind_it) {
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

Test(domains_of_rings, what_no_ring_frees_was_reported_twice) {
        struct seen *seen;

        begin_with(2);
        play_report_alloc(stage, 0, 1, A, 0, 1, 10 * US);
        play_report_alloc(stage, 1, 1, A, 0, 2, 20 * US);
        play_report_free(stage, 0, 1, B, 30 * US);
        seen = expect("A1@1 A2@1 F1@1");
        is_end(seen, 1, (struct seen_books){ 2, 1, 0, 3, 3, 2, 1 }, 1, 1);
        done(seen);
}

Test(domains_of_rings, a_clear_takes_what_waits_for_a_free) {
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

Test(domains, a_free_that_was_dropped_is_made_up_for_when_its_address_comes_again) {
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

/* What a process may scribble. */

Test(domains, a_number_that_is_none_is_nothing) {
        struct seen *seen;
        const uint64_t size = record_stack(0, 8);

        play_words(stage, 0, record_report(RECORD_REPORT_ALLOC, 0, A), &size, 1, 0);
        play_words(stage, 0, record_report(RECORD_REPORT_ALLOC, 241, A), &size, 1, 0);
        play_words(stage, 0, record_report(RECORD_REPORT_ALLOC, 255, A), &size, 1, 0);
        play_words(stage, 0, record_report(RECORD_REPORT_FREE, 255, A), NULL, 0, 0);
        play_words(stage, 0, record_report(RECORD_REPORT_CLEAR, 0, A) | RECORD_SIZED, &size, 1, 10 * US);
        play_alloc(stage, 0, A, 0, 8, 0);
        seen = expect("A8");
        cr_assert_eq(seen->end.foreign_frees, 0);
        done(seen);
}

Test(domains, a_domain_without_a_name_has_its_number) {
        const uint64_t size = record_stack(0, 8);
        struct seen *seen;

        play_words(stage, 0, record_report(RECORD_REPORT_ALLOC, 17, A), &size, 1, 0);
        atomic_store(&stage->process->domains[17].ready, 1);
        play_words(stage, 0, record_report(RECORD_REPORT_ALLOC, 18, A), &size, 1, 0);
        memset(stage->process->domains[18].text, 'x', sizeof(stage->process->domains[18].text));
        atomic_store(&stage->process->domains[18].ready, 1);
        play_words(stage, 0, record_report(RECORD_REPORT_ALLOC, 19, A), &size, 1, 0);
        seen = expect("A8@17 A8@18 A8@19");
        cr_assert_str_eq(seen->domains[16].name, "domain 17");
        cr_assert_str_eq(seen->domains[17].name, "domain 18");
        cr_assert_eq(strlen(seen->domains[18].name), MTR_MARK_NAME_MAX);
        done(seen);
}

/* The file. */

Test(domains, a_checkpoint_has_their_sites) {
        struct seen *seen;
        uint32_t checkpoints = 0;

        /* Enough events for one. */
        play_report_alloc(stage, 0, 1, A, 0, 1, 0);
        for (uint32_t turn = 0; turn < 200; turn++) {
                for (uint64_t i = 0; i < 10000; i++) {
                        play_report_alloc(stage, 0, 2, B, 0, 300 + i, 0);
                        play_report_free(stage, 0, 2, B, 0);
                }
                stage_pass(stage, STAGE_MS);
                (void)stage_turn(stage);
        }
        seen = stage_finish(stage);
        for (uint32_t i = 0; i < seen->block_count; i++) {
                checkpoints += seen->blocks[i].checkpoint;
                if (seen->blocks[i].checkpoint)
                        cr_assert_geq(seen->blocks[i].checkpoint_blocks, 1);
        }
        cr_assert_gt(checkpoints, 0);
        is_end(seen, 2,
               (struct seen_books){ 2000000, 2000000, 2000000,
                                    UINT64_C(2000000) * 300 + UINT64_C(200) * 49995000, 10299, 0, 0 },
               0, 0);
        done(seen);
}

Test(domains, a_checkpoint_costs_what_their_live_sites_cost) {
        const uint32_t sites = stage->trace->sites.count;

        stage->trace->events.raw_since_checkpoint = 4 << 20;
        stage->trace->sites.count = 1 << 20;
        stage->trace->domains.live_blocks = 100000;
        cr_assert(payload_checkpoint_due(stage->trace, false));
        stage->trace->domains.live_blocks = 1000000;
        cr_assert_not(payload_checkpoint_due(stage->trace, false));
        stage->trace->sites.count = sites;
        stage_free(stage);
}

Test(domains, a_file_that_cannot_grow_ends_with_what_there_was) {
        struct rlimit none, limit;
        struct seen *seen;
        off_t length;

        play_report_alloc(stage, 0, 1, A, 0, 1, 0);
        stage_pass(stage, 50 * STAGE_MS);
        (void)stage_turn(stage);
        stage_pass(stage, 50 * STAGE_MS);
        (void)stage_turn(stage);
        length = lseek(stage->fd, 0, SEEK_END);
        signal(SIGXFSZ, SIG_IGN);
        cr_assert_eq(getrlimit(RLIMIT_FSIZE, &none), 0);
        limit = (struct rlimit){ .rlim_cur = (rlim_t)length, .rlim_max = none.rlim_max };
        cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
        play_report_alloc(stage, 0, 2, A, 0, 2, 0);
        stage_pass(stage, 50 * STAGE_MS);
        (void)stage_turn(stage);
        stage_pass(stage, 50 * STAGE_MS);
        (void)stage_turn(stage);
        cr_assert_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
        trace_close(stage->trace, MTR_END_EXITED, 0);
        seen = seen_read(stage->fd);
        cr_assert_str_eq(seen_story(seen), "A1@1");
        cr_assert_eq(seen->lost[MTR_LOSS_WRITE], 1);
        cr_assert_str_eq(seen->domains[1].name, "pool 2");
        is_end(seen, 1, (struct seen_books){ 1, 0, 0, 1, 1, 1, 1 }, 0, 0);
        is_end(seen, 2, (struct seen_books){ 1, 0, 0, 2, 2, 2, 1 }, 0, 0);
        done(seen);
}

Test(domains, an_end_that_was_told_is_told_again_when_there_is_more) {
        struct seen *seen;

        play_report_alloc(stage, 0, 1, A, 0, 1, 0);
        stage_pass(stage, STAGE_MS);
        (void)stage_turn(stage);
        trace_close(stage->trace, MTR_END_EXITED, 0);
        play_report_free(stage, 0, 1, B, 0);
        seen = expect("A1@1");
        cr_assert_eq(seen->end_count, 2);
        is_end(seen, 1, (struct seen_books){ 1, 0, 0, 1, 1, 1, 1 }, 1, 0);
        done(seen);
}

Test(domains, a_trace_without_reports_says_nothing_of_them) {
        struct seen *seen;

        play_alloc(stage, 0, A, 0, 1, 0);
        seen = expect("A1");
        for (uint32_t i = 0; i < MTR_DOMAIN_MAX; i++)
                cr_assert_str_eq(seen->domains[i].name, "");
        done(seen);
}
