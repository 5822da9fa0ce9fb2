/*
 * aggregate/summary.c: a run in figures and words, with and without its end.
 */
#include "aggregate/summary.h"
#include "load.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static struct summary summary_of(struct tb *tb, struct trace **trace) {
        struct summary summary;

        *trace = load(tb);
        cr_assert_eq(summary_make(*trace, &summary), 0);
        return summary;
}

/* Without its end a trace must come to the same figures by counting. */
Test(summary, without_an_end_is_counted) {
        struct summary with, without;
        struct trace *traces[2];

        for (int i = 0; i < 2; i++) {
                struct tb *tb = tb_new(77, MTR_ZSTD);
                uint32_t site;

                tb_process(tb, "/nonexistent/app", "app\1it's\1two words\1");
                site = tb_site(tb, 0, 100, MTR_KIND_MALLOC);
                for (int k = 0; k < 5; k++)
                        tb_alloc(tb, site);
                tb_at(tb, 3000000);
                tb_release(tb, site, true);
                tb_release(tb, site, false);
                tb_loss(tb, 4, MTR_LOSS_WRITE);
                tb_rss(tb, 100);
                if (i == 0)
                        tb_end(tb, MTR_END_SIGNALED, 11);
                else
                        tb_block(tb);
                *(i == 0 ? &with : &without) = summary_of(tb, &traces[i]);
                tb_free(tb);
        }
        cr_assert_eq(with.allocations, 5);
        cr_assert_eq(without.allocations, with.allocations);
        cr_assert_eq(without.frees, with.frees);
        cr_assert_eq(without.temporary, with.temporary);
        cr_assert_eq(without.allocated_bytes, with.allocated_bytes);
        cr_assert_eq(without.peak_bytes, with.peak_bytes);
        cr_assert_eq(without.leaked_bytes, 300);
        cr_assert_eq(without.leaked_blocks, with.leaked_blocks);
        cr_assert_eq(without.lost, 4);
        cr_assert_eq(without.peak_rss_bytes, 102400);
        cr_assert_eq(without.duration_ns, with.duration_ns);
        cr_assert_str_eq(with.command, "app 'it'\\''s' 'two words' ''");
        {
                char *ending = summary_ending(&with), *none = summary_ending(&without);

                cr_assert_str_eq(ending, "killed by SIGSEGV");
                cr_assert_str_eq(summary_ending_word(&with), "signaled");
                cr_assert_str_eq(summary_ending_word(&without), "unknown");
                cr_assert_str_eq(none, "the trace ends before the program did");
                free(ending);
                free(none);
        }
        summary_deinit(&with);
        summary_deinit(&without);
        trace_free(traces[0]);
        trace_free(traces[1]);
}
