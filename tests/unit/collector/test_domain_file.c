/* Domains in the file: their names, sites and ends, and what checkpoints have of them. */
#include <criterion/criterion.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "collector/payload.h"
#include "domain_stage.h"

TestSuite(domain_file, .init = begin);

/* What a process may scribble. */

Test(domain_file, a_number_that_is_none_is_nothing) {
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

Test(domain_file, a_domain_without_a_name_has_its_number) {
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

/* What it comes to. */

Test(domain_file, sizes_and_stacks_make_sites) {
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

Test(domain_file, a_checkpoint_has_their_sites) {
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

Test(domain_file, a_checkpoint_costs_what_their_live_sites_cost) {
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

Test(domain_file, a_file_that_cannot_grow_ends_with_what_there_was) {
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

Test(domain_file, an_end_that_was_told_is_told_again_when_there_is_more) {
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

Test(domain_file, a_trace_without_reports_says_nothing_of_them) {
        struct seen *seen;

        play_alloc(stage, 0, A, 0, 1, 0);
        seen = expect("A1");
        for (uint32_t i = 0; i < MTR_DOMAIN_MAX; i++)
                cr_assert_str_eq(seen->domains[i].name, "");
        done(seen);
}
