/*
 * aggregate/: who is charged, what is added up, filters, and the order, in traces whose modules name
 * nothing on this machine.
 */
#include "aggregate/aggregate.h"
#include "aggregate/callgraph.h"
#include "aggregate/key.h"
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
        cr_assert_eq(replay_to(&run.replay, replay_end(run.trace), REPLAY_WITH_HIGHS), 0);
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

static void is_called(const struct run *run, size_t index, const char *place, uint64_t calls,
                      uint64_t high_bytes) {
        char *found;

        cr_assert_lt(index, run->aggregate.count);
        found = aggregate_place(&run->aggregate, &run->aggregate.entries[index]);
        cr_assert_str_eq(found, place);
        cr_assert_eq(run->aggregate.entries[index].calls, calls, "%s", place);
        cr_assert_eq(run->aggregate.entries[index].high_bytes, high_bytes, "%s", place);
        free(found);
}

/* One place holds 1530 of 4 calls at three sites and saw that much, the other nothing of 2 and saw 1040. */
Test(aggregate, calls_count_where_nothing_is_held) {
        struct tb *tb = tb_new(1, MTR_STORED);
        uint32_t app = tb_module(tb, 0, 0x2000, 0, NULL, 0, "/nonexistent/app");
        uint32_t held = tb_stack(tb, 0, tb_frame(tb, app, 0x100, false));
        uint32_t gone = tb_stack(tb, held, tb_frame(tb, app, 0x200, false));
        uint32_t tens = tb_site(tb, held, 10, MTR_KIND_MALLOC),
                 twenties = tb_site(tb, held, 20, MTR_KIND_MALLOC);
        uint32_t thousand = tb_site(tb, gone, 1000, MTR_KIND_MALLOC);
        struct run result;

        tb_alloc(tb, tens);
        for (int i = 0; i < 2; i++) {
                tb_alloc(tb, i ? twenties : tens);
                tb_alloc(tb, thousand);
                if (i)
                        tb_release(tb, tens, false);
                tb_release(tb, thousand, true);
        }
        tb_alloc(tb, tb_site(tb, held, 1500, MTR_KIND_MALLOC));
        result = run(tb, CHARGE_USER, AGGREGATE_LIVE);
        cr_assert_eq(result.aggregate.count, 1);
        aggregate(&result, (struct aggregate_wish){ .calls = true });
        cr_assert_eq(result.aggregate.count, 2);
        is_entry(&result, 0, "app+0x100", 1530, 3);
        is_called(&result, 0, "app+0x100", 4, 1530);
        is_entry(&result, 1, "app+0x200", 0, 0);
        is_called(&result, 1, "app+0x200", 2, 1040);
        cr_assert_eq(result.aggregate.size_bytes, 1530);
        aggregate(&result, (struct aggregate_wish){ .calls = true, .cumulative = true });
        is_called(&result, 0, "app+0x100", 6, 1530);
        aggregate(&result, (struct aggregate_wish){ .by = AGGREGATE_MODULE });
        cr_assert_eq(result.aggregate.entries[0].calls, 4, "only the sites that count");
        aggregate(&result, (struct aggregate_wish){ .cost = AGGREGATE_TOTAL, .by = AGGREGATE_MODULE });
        is_called(&result, 0, "/nonexistent/app", 6, 1530);
        done(&result, tb);
}

Test(aggregate, a_line_of_two_functions_is_two) {
        const struct symbol_frame frames[] = {
                { .file = "a.c", .line = 3, .has_line = true, .function = "f" },
                { .file = "a.c", .line = 3, .has_line = true, .function = "g" },
                { .file = "a.c", .line = 3, .has_line = true, .function = "f" },
                { .file = "a.c", .line = 4, .has_line = true, .function = "f" },
                { .file = "b.c", .line = 3, .has_line = true, .function = "f" },
                { .file = "a.c", .line = 3, .has_line = true },
        };
        static const uint32_t by_line[] = { 0, 0, 0, 1, 2, 0 }, by_function_line[] = { 0, 1, 0, 2, 3, 4 },
                              by_function[] = { 0, 1, 0, 0, 2, 3 };
        struct keys keys[] = { { .by = AGGREGATE_LINE },
                               { .by = AGGREGATE_FUNCTION_LINE },
                               { .by = AGGREGATE_FUNCTION } };

        for (size_t i = 0; i < sizeof(frames) / sizeof(*frames); i++) {
                const uint32_t wanted[] = { by_line[i], by_function_line[i], by_function[i] };

                for (size_t k = 0; k < 3; k++) {
                        uint32_t number;

                        cr_assert_eq(keys_place(&keys[k], &frames[i], &number), 0);
                        cr_assert_eq(number, wanted[k], "frame %zu, key %zu", i, k);
                }
        }
        for (size_t k = 0; k < 3; k++)
                keys_deinit(&keys[k]);
}

/* Ten blocks under main > walk > visit > walk > wrap, one under main > wrap. */
static struct tb *walk_and_wrap(void) {
        struct tb *tb = tb_new(1, MTR_STORED);
        uint32_t app = tb_module(tb, 0, 0x2000, 0, NULL, 0, "/nonexistent/app");
        uint32_t lib = tb_module(tb, 0x2000, 0x3000, 0x2000, NULL, 0, "/nonexistent/libwrap.so.1");
        uint32_t walk = tb_frame(tb, app, 0x20, false), visit = tb_frame(tb, app, 0x30, false);
        uint32_t wrap = tb_frame(tb, lib, 0x40, false);
        uint32_t main_stack = tb_stack(tb, 0, tb_frame(tb, app, 0x10, false));
        uint32_t deep = tb_stack(tb, tb_stack(tb, tb_stack(tb, main_stack, walk), visit), walk);

        for (int i = 0; i < 10; i++)
                tb_alloc(tb, tb_site(tb, tb_stack(tb, deep, wrap), 10, MTR_KIND_MALLOC));
        tb_alloc(tb, tb_site(tb, tb_stack(tb, main_stack, wrap), 7, MTR_KIND_MALLOC));
        return tb;
}

Test(aggregate, a_recursive_frame_is_charged_once) {
        struct tb *tb = walk_and_wrap();
        struct run result = run(tb, CHARGE_USER, AGGREGATE_LIVE);

        aggregate(&result, (struct aggregate_wish){ .cumulative = true });
        cr_assert_eq(result.aggregate.count, 4);
        is_entry(&result, 0, "libwrap.so.1+0x40", 107, 11);
        is_entry(&result, 1, "app+0x10", 107, 11);
        is_entry(&result, 2, "app+0x30", 100, 10);
        is_entry(&result, 3, "app+0x20", 100, 10);
        cr_assert_eq(result.aggregate.size_bytes, 107, "the total is of the blocks, not of the entries");
        done(&result, tb);
}

Test(aggregate, wrappers_are_passed_over) {
        struct tb *tb = walk_and_wrap();
        struct run result = run(tb, CHARGE_USER, AGGREGATE_LIVE);
        struct callgraph graph;
        struct filter skips = { 0 };

        cr_assert_eq(filter_add(&skips, FILTER_SKIP, "libwrap.*"), 0);
        charge_free(result.charge);
        result.charge = charge_new(result.trace, result.symbols, CHARGE_USER, &skips);
        aggregate(&result, (struct aggregate_wish){ .by = AGGREGATE_TRACEBACK });
        cr_assert_eq(result.aggregate.count, 2);
        is_entry(&result, 0, "app+0x20", 100, 10);
        is_entry(&result, 1, "app+0x10", 7, 1);
        cr_assert_eq(result.aggregate.nodes[result.aggregate.entries[0].node].depth, 4);
        cr_assert_eq(result.aggregate.nodes[result.aggregate.entries[1].node].parent, AGGREGATE_NO_NODE);
        /* who is passed over calls nobody, and who called him holds it */
        aggregate(&result, (struct aggregate_wish){ .paths = true });
        cr_assert_eq(callgraph_make(&result.aggregate, &graph), 0);
        cr_assert_eq(graph.node_count, 3);
        cr_assert_eq(graph.edge_count, 3, "main to walk, and walk and visit in a circle");
        cr_assert_eq(graph.nodes[0].cost.self.size_bytes, 7, "main");
        cr_assert_eq(graph.nodes[0].cost.cumulative.size_bytes, 107);
        cr_assert_eq(graph.nodes[1].cost.self.size_bytes, 100, "walk");
        cr_assert_eq(graph.nodes[1].cost.cumulative.count, 10);
        callgraph_deinit(&graph);
        cr_assert(skips.globs[0].matched);
        filter_deinit(&skips);
        done(&result, tb);
}

/* What AGGREGATE_TRACEBACK does with lines, with any key: stacks of the same places are one path. */
Test(aggregate, a_path_is_of_places) {
        struct tb *tb = walk_and_wrap();
        struct run result = run(tb, CHARGE_USER, AGGREGATE_LIVE);
        const struct aggregate_node *nodes;
        uint32_t node;

        aggregate(&result, (struct aggregate_wish){ .by = AGGREGATE_FILE, .paths = true });
        nodes = result.aggregate.nodes;
        cr_assert_eq(result.aggregate.count, 2);
        is_entry(&result, 0, "libwrap.so.1:0", 100, 10);
        is_entry(&result, 1, "libwrap.so.1:0", 7, 1);
        node = result.aggregate.entries[0].node;
        cr_assert_eq(nodes[node].depth, 5);
        cr_assert_eq(nodes[nodes[node].parent].frame, nodes[nodes[nodes[node].parent].parent].frame,
                     "one place is one frame");
        cr_assert_eq(nodes[result.aggregate.entries[1].node].depth, 2);
        cr_assert_eq(nodes[result.aggregate.entries[1].node].frame, nodes[node].frame);
        done(&result, tb);
}

Test(aggregate, a_stack_that_nobody_knows_is_a_path) {
        struct tb *tb = tb_new(1, MTR_STORED);
        struct run result;
        struct callgraph graph;
        char *place;

        tb_alloc(tb, tb_site(tb, 0, 7, MTR_KIND_MALLOC));
        result = run(tb, CHARGE_USER, AGGREGATE_LIVE);
        aggregate(&result, (struct aggregate_wish){ .by = AGGREGATE_FUNCTION, .paths = true });
        cr_assert_eq(callgraph_make(&result.aggregate, &graph), 0);
        cr_assert_eq(graph.node_count, 1);
        cr_assert_eq(graph.edge_count, 0);
        cr_assert_eq(graph.nodes[0].cost.self.size_bytes, 7);
        cr_assert_eq(graph.nodes[0].cost.cumulative.count, 1);
        cr_assert_str_eq(place = callgraph_place(&graph, 0), "<unknown>(<unknown>)");
        free(place);
        callgraph_deinit(&graph);
        done(&result, tb);
}

/* Two libraries of one name are one file; the larger share names the module. */
Test(aggregate, the_largest_stack_names_what_the_key_does_not) {
        struct tb *tb = tb_new(1, MTR_STORED);
        uint32_t small = tb_module(tb, 0, 0x2000, 0, NULL, 0, "/a/libx.so");
        uint32_t large = tb_module(tb, 0x2000, 0x3000, 0x2000, NULL, 0, "/b/libx.so");
        struct run result;

        tb_alloc(tb, tb_site(tb, tb_stack(tb, 0, tb_frame(tb, small, 1, false)), 10, MTR_KIND_MALLOC));
        tb_alloc(tb, tb_site(tb, tb_stack(tb, 0, tb_frame(tb, large, 1, false)), 30, MTR_KIND_MALLOC));
        tb_alloc(tb, tb_site(tb, tb_stack(tb, 0, tb_frame(tb, small, 2, false)), 20, MTR_KIND_MALLOC));
        result = run(tb, CHARGE_USER, AGGREGATE_LIVE);
        aggregate(&result, (struct aggregate_wish){ .by = AGGREGATE_FILE });
        cr_assert_eq(result.aggregate.count, 1);
        is_entry(&result, 0, "libx.so:0", 60, 3);
        cr_assert_str_eq(result.aggregate.entries[0].module, "/b/libx.so");
        done(&result, tb);
}

static bool matches(enum filter_kind kind, const char *glob, struct symbol_frame frame) {
        const struct symbol_frame *frames[] = { &frame };
        struct filter filter = { 0 };
        bool found;

        cr_assert_eq(filter_add(&filter, kind, glob), 0);
        found = filter_match(&filter, frames, 1) == 1u << kind;
        cr_assert_eq(filter.globs[0].matched, found);
        filter_deinit(&filter);
        return found;
}

Test(aggregate, what_a_glob_matches) {
        struct symbol_frame frame = { .file = "/src/a\\b/cache.c",
                                      .line = 12,
                                      .has_line = true,
                                      .function = "ns::(anonymous namespace)::put(int, void (*)()) const",
                                      .module = "/usr/lib/libcache.so.1" };
        struct symbol_frame lineless = { .file = "libz.so.1:inflate+0x1f", .module = "/lib/libz.so.1" };
        struct symbol_frame call = { .file = "a", .function = "F::operator()(int)" };

        cr_assert(matches(FILTER_INCLUDE, "cache.c", frame));
        cr_assert(matches(FILTER_INCLUDE, "/src/*.c", frame), "a star matches slashes");
        cr_assert(matches(FILTER_INCLUDE, "*a\\b/cache.[!x]", frame), "a backslash is a letter");
        cr_assert_not(matches(FILTER_INCLUDE, "b/cache.c", frame), "a path is matched whole");
        cr_assert_not(matches(FILTER_INCLUDE, "ache.c", frame));
        cr_assert(matches(FILTER_EXCLUDE, "cache.c:12", frame));
        cr_assert_not(matches(FILTER_EXCLUDE, "cache.c:13", frame));
        cr_assert_not(matches(FILTER_EXCLUDE, "cache.c:", frame));
        cr_assert(matches(FILTER_INCLUDE, "libz.so.*", lineless));
        cr_assert_not(matches(FILTER_INCLUDE, "libz.so.*:0", lineless), "there is no line");
        cr_assert(matches(FILTER_FUNCTION, "*::put", frame), "without its parameters");
        cr_assert(matches(FILTER_FUNCTION, "*put(int*const", frame), "and with them");
        cr_assert_not(matches(FILTER_FUNCTION, "put", frame));
        cr_assert(matches(FILTER_FUNCTION, "F::operator()", call));
        cr_assert(matches(FILTER_FUNCTION, "<unknown>", lineless));
        cr_assert(matches(FILTER_MODULE, "libcache*", frame));
        cr_assert(matches(FILTER_MODULE, "<unknown>", call));
        cr_assert_not(matches(FILTER_MODULE, "*/cache", frame));
        cr_assert(matches(FILTER_SKIP, "cache.c", frame));
        cr_assert(matches(FILTER_SKIP, "*put", frame));
        cr_assert_not(matches(FILTER_SKIP, "<unknown>", lineless), "an unknown function is no wrapper");
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
