/*
 * aggregate/: who is charged, what is added up, and the order, in traces whose modules name
 * nothing on this machine.
 */
#include "aggregate/aggregate.h"
#include "aggregate/summary.h"
#include "base/message.h"
#include "trace_builder.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

struct run {
        struct trace *trace;
        struct replay replay;
        struct symbols *symbols;
        struct charge *charge;
        struct aggregate aggregate;
};

/* In place of what was made before. */
static void aggregate(struct run *run, struct aggregate_wish wish) {
        aggregate_deinit(&run->aggregate);
        cr_assert_eq(aggregate_make(&run->replay, run->charge, &wish, &run->aggregate), 0);
}

static struct run run(struct tb *tb, enum charge_frame which, enum aggregate_cost cost) {
        struct run run = { 0 };
        struct reader *reader;

        tb_end(tb, MTR_END_EXITED, 0);
        cr_assert_eq(reader_open_fd(tb_memfd(tb->file.data, tb->file.length), "test", NULL, &reader), 0);
        cr_assert_eq(trace_load(reader, &run.trace), 0);
        cr_assert_eq(run.trace->reader->damage_count, 0);
        cr_assert_eq(replay_init(&run.replay, run.trace), 0);
        cr_assert_eq(replay_to(&run.replay, replay_end(run.trace), REPLAY_FROM_BEGINNING), 0);
        cr_assert_not_null(run.symbols = symbols_new(run.trace));
        cr_assert_not_null(run.charge = charge_new(run.trace, run.symbols, which, NULL));
        aggregate(&run, (struct aggregate_wish){ .cost = cost });
        return run;
}

static void done(struct run *run, struct tb *tb) {
        aggregate_deinit(&run->aggregate);
        charge_free(run->charge);
        symbols_free(run->symbols);
        replay_deinit(&run->replay);
        trace_free(run->trace);
        tb_free(tb);
}

static void is_entry(const struct run *run, size_t index, const char *place, uint64_t size_bytes,
                     uint64_t count) {
        char *found;

        cr_assert_lt(index, run->aggregate.count);
        found = aggregate_place(&run->aggregate, &run->aggregate.entries[index]);
        cr_assert_str_eq(found, place);
        cr_assert_eq(run->aggregate.entries[index].size_bytes, size_bytes, "%s", place);
        cr_assert_eq(run->aggregate.entries[index].count, count, "%s", place);
        free(found);
}

Test(aggregate, the_runtime_is_passed_over) {
        for (int leaf = 0; leaf < 2; leaf++) {
                struct tb *tb = tb_new(1, MTR_STORED);
                uint32_t app = tb_module(tb, 0x1000, 0x2000, 0x1000, NULL, 0, "/nonexistent/app");
                uint32_t libc = tb_module(tb, 0x3000, 0x4000, 0x3000, NULL, 0, "/nonexistent/libc.so.6");
                uint32_t cpp =
                        tb_module(tb, 0x5000, 0x6000, 0x5000, NULL, 0, "/nonexistent/libstdc++.so.6.0.30");
                uint32_t main_stack = tb_stack(tb, 0, tb_frame(tb, app, 0x10, false));
                uint32_t new_stack = tb_stack(tb, main_stack, tb_frame(tb, cpp, 0x20, false));
                uint32_t deep = tb_stack(tb, new_stack, tb_frame(tb, libc, 0x30, false));
                uint32_t only_libc = tb_stack(tb, 0, tb_frame(tb, libc, 0x40, false));
                struct run result;

                tb_alloc(tb, tb_site(tb, deep, 100, MTR_KIND_MALLOC));
                tb_alloc(tb, tb_site(tb, only_libc, 50, MTR_KIND_MALLOC));
                tb_alloc(tb, tb_site(tb, 0, 7, MTR_KIND_MALLOC));
                result = run(tb, leaf ? CHARGE_LEAF : CHARGE_USER, AGGREGATE_LIVE);
                cr_assert_eq(result.aggregate.count, 3);
                is_entry(&result, 0, leaf ? "libc.so.6+0x30" : "app+0x10", 100, 1);
                is_entry(&result, 1, "libc.so.6+0x40", 50, 1);
                is_entry(&result, 2, "<unknown>:0", 7, 1);
                done(&result, tb);
        }
}

Test(aggregate, what_the_runtime_is) {
        static const char *const runtime[] = { "/lib/x86_64-linux-gnu/libc.so.6",
                                               "/usr/lib/libstdc++.so.6.0.30",
                                               "/lib64/ld-linux-x86-64.so.2",
                                               "/lib/libc-2.31.so",
                                               "libmemtrace.so",
                                               "/usr/lib/libtcmalloc_minimal.so.4" };
        static const char *const own[] = { "/usr/lib/libcrypto.so.3",       "/opt/libc",
                                           "/usr/lib/libcurl.so.4",         "/bin/ld",
                                           "/usr/lib/libc-client.so.2007e", "libmylib.so" };

        for (size_t i = 0; i < sizeof(runtime) / sizeof(*runtime); i++)
                cr_assert(charge_is_runtime_module(runtime[i]), "%s", runtime[i]);
        for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
                cr_assert_not(charge_is_runtime_module(own[i]), "%s", own[i]);
        cr_assert(charge_is_runtime_function("operator new(unsigned long)"));
        cr_assert(charge_is_runtime_function("operator new[](unsigned long, std::align_val_t)"));
        cr_assert(charge_is_runtime_function("strdup"));
        cr_assert_not(charge_is_runtime_function("strdup_checked"));
        cr_assert_not(charge_is_runtime_function("my::malloc(int)"));
        cr_assert(charge_is_runtime_function("__rdl_alloc"));
        cr_assert(charge_is_runtime_function("alloc::alloc::exchange_malloc"));
        cr_assert_not(charge_is_runtime_function("alloc::vec::Vec<T>::push"));
}

Test(aggregate, what_the_standard_library_is) {
        struct symbol_frame by_name = { .file = "a.h",
                                        .has_line = true,
                                        .function = "std::vector<int>::reserve(unsigned long)" };
        struct symbol_frame by_file = { .file = "/usr/include/c++/12/bits/x.h", .has_line = true };
        struct symbol_frame own = { .file = "/src/standard.cpp",
                                    .has_line = true,
                                    .function = "stdx::f(std::string)" };

        struct symbol_frame rust = { .file = "h",
                                     .function = "<alloc::vec::Vec<T> as core::ops::Drop>::drop" };

        cr_assert(charge_is_std(&rust));
        cr_assert(charge_is_std(&by_name));
        cr_assert(charge_is_std(&by_file));
        cr_assert_not(charge_is_std(&own));
}

/* Three sites at one place and one elsewhere: added up by place, the rest by (size, count, place). */
Test(aggregate, order_is_size_count_place) {
        struct tb *tb = tb_new(1, MTR_STORED);
        uint32_t app = tb_module(tb, 0, 0x2000, 0, NULL, 0, "/nonexistent/app");
        uint32_t stacks[5];
        struct run result;

        for (uint32_t i = 0; i < 5; i++)
                stacks[i] = tb_stack(tb, 0, tb_frame(tb, app, 0x100 + i, false));
        for (uint32_t i = 0; i < 3; i++)
                tb_alloc(tb, tb_site(tb, stacks[0], 10 + i, MTR_KIND_MALLOC)); /* 33 in 3 */
        tb_alloc(tb, tb_site(tb, stacks[1], 40, MTR_KIND_MALLOC));             /* 40 in 1 */
        tb_alloc(tb, tb_site(tb, stacks[2], 40, MTR_KIND_CALLOC));             /* the same, later place */
        for (uint32_t i = 0; i < 2; i++)
                tb_alloc(tb, tb_site(tb, stacks[3], 20, MTR_KIND_MALLOC)); /* 40 in 2 */
        {
                uint32_t gone = tb_site(tb, stacks[4], 1000, MTR_KIND_MALLOC);

                tb_alloc(tb, gone);
                tb_release(tb, gone, true);
        }
        result = run(tb, CHARGE_USER, AGGREGATE_LIVE);
        cr_assert_eq(result.aggregate.count, 4, "what is not held does not stand there");
        is_entry(&result, 0, "app+0x103", 40, 2);
        is_entry(&result, 1, "app+0x102", 40, 1);
        is_entry(&result, 2, "app+0x101", 40, 1);
        is_entry(&result, 3, "app+0x100", 33, 3);
        cr_assert_eq(result.aggregate.size_bytes, 153);
        cr_assert_eq(result.aggregate.blocks, 7);
        aggregate(&result, (struct aggregate_wish){ .cost = AGGREGATE_TOTAL });
        is_entry(&result, 0, "app+0x104", 1000, 1);
        aggregate(&result, (struct aggregate_wish){ .cost = AGGREGATE_COUNT, .sort = AGGREGATE_BY_COUNT });
        is_entry(&result, 0, "app+0x100", 33, 3);
        is_entry(&result, 1, "app+0x103", 40, 2);
        is_entry(&result, 2, "app+0x104", 1000, 1);
        done(&result, tb);
}

/* Lines of one file compare as numbers: 9 before 10, not after it. */
Test(aggregate, places_compare_as_file_and_number) {
        struct aggregate_entry nine = {
                .file = "a.c", .line = 9, .has_line = true, .size_bytes = 1, .count = 1
        };
        struct aggregate_entry ten = {
                .file = "a.c", .line = 10, .has_line = true, .size_bytes = 1, .count = 1
        };
        struct aggregate_entry other = {
                .file = "b.c", .line = 1, .has_line = true, .size_bytes = 1, .count = 1
        };
        struct aggregate lines = { 0 };

        cr_assert_gt(aggregate_order(&nine, &ten, &lines), 0);
        cr_assert_gt(aggregate_order(&ten, &other, &lines), 0);
        cr_assert_lt(aggregate_order(&other, &nine, &lines), 0);
        cr_assert_eq(aggregate_order(&nine, &nine, &lines), 0);
}

static struct summary summary_of(struct tb *tb, struct trace **trace) {
        struct summary summary;
        struct reader *reader;

        cr_assert_eq(reader_open_fd(tb_memfd(tb->file.data, tb->file.length), "test", NULL, &reader), 0);
        cr_assert_eq(trace_load(reader, trace), 0);
        cr_assert_eq(summary_make(*trace, &summary), 0);
        return summary;
}

/* Without its end a trace must come to the same figures by counting. */
Test(aggregate, a_summary_without_an_end_is_counted) {
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
