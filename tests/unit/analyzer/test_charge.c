/*
 * aggregate/charge.c: which frame of a stack answers, and what is passed over for it.
 */
#include "aggregate/callgraph.h"
#include "run.h"

Test(charge, the_runtime_is_passed_over) {
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
                run_is_entry(&result, 0, leaf ? "libc.so.6+0x30" : "app+0x10", 100, 1);
                run_is_entry(&result, 1, "libc.so.6+0x40", 50, 1);
                run_is_entry(&result, 2, "<unknown>:0", 7, 1);
                run_done(&result, tb);
        }
}

Test(charge, what_the_runtime_is) {
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

Test(charge, what_the_standard_library_is) {
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

Test(charge, a_recursive_frame_is_charged_once) {
        struct tb *tb = walk_and_wrap();
        struct run result = run(tb, CHARGE_USER, AGGREGATE_LIVE);

        run_aggregate(&result, (struct aggregate_wish){ .cumulative = true });
        cr_assert_eq(result.aggregate.count, 4);
        run_is_entry(&result, 0, "libwrap.so.1+0x40", 107, 11);
        run_is_entry(&result, 1, "app+0x10", 107, 11);
        run_is_entry(&result, 2, "app+0x30", 100, 10);
        run_is_entry(&result, 3, "app+0x20", 100, 10);
        cr_assert_eq(result.aggregate.size_bytes, 107, "the total is of the blocks, not of the entries");
        run_done(&result, tb);
}

Test(charge, wrappers_are_passed_over) {
        struct tb *tb = walk_and_wrap();
        struct run result = run(tb, CHARGE_USER, AGGREGATE_LIVE);
        struct callgraph graph;
        struct filter skips = { 0 };

        cr_assert_eq(filter_add(&skips, FILTER_SKIP, "libwrap.*"), 0);
        charge_free(result.charge);
        result.charge = charge_new(result.trace, result.symbols, CHARGE_USER, &skips);
        run_aggregate(&result, (struct aggregate_wish){ .by = AGGREGATE_TRACEBACK });
        cr_assert_eq(result.aggregate.count, 2);
        run_is_entry(&result, 0, "app+0x20", 100, 10);
        run_is_entry(&result, 1, "app+0x10", 7, 1);
        cr_assert_eq(result.aggregate.nodes[result.aggregate.entries[0].node].depth, 4);
        cr_assert_eq(result.aggregate.nodes[result.aggregate.entries[1].node].parent, AGGREGATE_NO_NODE);
        /* who is passed over calls nobody, and who called him holds it */
        run_aggregate(&result, (struct aggregate_wish){ .paths = true });
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
        run_done(&result, tb);
}
