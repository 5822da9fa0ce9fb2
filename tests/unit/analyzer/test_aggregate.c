/*
 * aggregate/: what is added up, by which key, and in which order.
 */
#include "aggregate/callgraph.h"
#include "aggregate/key.h"
#include "run.h"

#include <stdlib.h>

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
        run_is_entry(&result, 0, "app+0x103", 40, 2);
        run_is_entry(&result, 1, "app+0x102", 40, 1);
        run_is_entry(&result, 2, "app+0x101", 40, 1);
        run_is_entry(&result, 3, "app+0x100", 33, 3);
        cr_assert_eq(result.aggregate.size_bytes, 153);
        cr_assert_eq(result.aggregate.blocks, 7);
        run_aggregate(&result, (struct aggregate_wish){ .cost = AGGREGATE_TOTAL });
        run_is_entry(&result, 0, "app+0x104", 1000, 1);
        run_aggregate(&result,
                      (struct aggregate_wish){ .cost = AGGREGATE_COUNT, .sort = AGGREGATE_BY_COUNT });
        run_is_entry(&result, 0, "app+0x100", 33, 3);
        run_is_entry(&result, 1, "app+0x103", 40, 2);
        run_is_entry(&result, 2, "app+0x104", 1000, 1);
        run_done(&result, tb);
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
        run_aggregate(&result, (struct aggregate_wish){ .calls = true });
        cr_assert_eq(result.aggregate.count, 2);
        run_is_entry(&result, 0, "app+0x100", 1530, 3);
        is_called(&result, 0, "app+0x100", 4, 1530);
        run_is_entry(&result, 1, "app+0x200", 0, 0);
        is_called(&result, 1, "app+0x200", 2, 1040);
        cr_assert_eq(result.aggregate.size_bytes, 1530);
        run_aggregate(&result, (struct aggregate_wish){ .calls = true, .cumulative = true });
        is_called(&result, 0, "app+0x100", 6, 1530);
        run_aggregate(&result, (struct aggregate_wish){ .by = AGGREGATE_MODULE });
        cr_assert_eq(result.aggregate.entries[0].calls, 4, "only the sites that count");
        run_aggregate(&result, (struct aggregate_wish){ .cost = AGGREGATE_TOTAL, .by = AGGREGATE_MODULE });
        is_called(&result, 0, "/nonexistent/app", 6, 1530);
        run_done(&result, tb);
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

/* What AGGREGATE_TRACEBACK does with lines, with any key: stacks of the same places are one path. */
Test(aggregate, a_path_is_of_places) {
        struct tb *tb = walk_and_wrap();
        struct run result = run(tb, CHARGE_USER, AGGREGATE_LIVE);
        const struct aggregate_node *nodes;
        uint32_t node;

        run_aggregate(&result, (struct aggregate_wish){ .by = AGGREGATE_FILE, .paths = true });
        nodes = result.aggregate.nodes;
        cr_assert_eq(result.aggregate.count, 2);
        run_is_entry(&result, 0, "libwrap.so.1:0", 100, 10);
        run_is_entry(&result, 1, "libwrap.so.1:0", 7, 1);
        node = result.aggregate.entries[0].node;
        cr_assert_eq(nodes[node].depth, 5);
        cr_assert_eq(nodes[nodes[node].parent].frame, nodes[nodes[nodes[node].parent].parent].frame,
                     "one place is one frame");
        cr_assert_eq(nodes[result.aggregate.entries[1].node].depth, 2);
        cr_assert_eq(nodes[result.aggregate.entries[1].node].frame, nodes[node].frame);
        run_done(&result, tb);
}

Test(aggregate, a_stack_that_nobody_knows_is_a_path) {
        struct tb *tb = tb_new(1, MTR_STORED);
        struct run result;
        struct callgraph graph;
        char *place;

        tb_alloc(tb, tb_site(tb, 0, 7, MTR_KIND_MALLOC));
        result = run(tb, CHARGE_USER, AGGREGATE_LIVE);
        run_aggregate(&result, (struct aggregate_wish){ .by = AGGREGATE_FUNCTION, .paths = true });
        cr_assert_eq(callgraph_make(&result.aggregate, &graph), 0);
        cr_assert_eq(graph.node_count, 1);
        cr_assert_eq(graph.edge_count, 0);
        cr_assert_eq(graph.nodes[0].cost.self.size_bytes, 7);
        cr_assert_eq(graph.nodes[0].cost.cumulative.count, 1);
        cr_assert_str_eq(place = callgraph_place(&graph, 0), "<unknown>(<unknown>)");
        free(place);
        callgraph_deinit(&graph);
        run_done(&result, tb);
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
        run_aggregate(&result, (struct aggregate_wish){ .by = AGGREGATE_FILE });
        cr_assert_eq(result.aggregate.count, 1);
        run_is_entry(&result, 0, "libx.so:0", 60, 3);
        cr_assert_str_eq(result.aggregate.entries[0].module, "/b/libx.so");
        run_done(&result, tb);
}
