/*
 * aggregate/callgraph: who is charged with what by whom, in paths made by hand.
 */
#include "aggregate/callgraph.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { MAIN, PARSE, VISIT, WALK, FUNCTIONS };

/* In the order of their places, so that a node has the number of its function. */
static const struct symbol_frame frames[FUNCTIONS] = {
        { .file = "a.c", .function = "main", .line = 10, .has_line = true },
        { .file = "b.c", .function = "parse", .line = 20, .has_line = true },
        { .file = "b.c", .function = "visit", .line = 5, .has_line = true },
        { .file = "b.c", .function = "walk", .line = 30, .has_line = true },
};

struct paths {
        struct aggregate aggregate;
        struct aggregate_node nodes[32];
        struct aggregate_entry entries[8];
        uint32_t node_count;
};

static struct paths paths_by(enum aggregate_by by) {
        return (struct paths){ .aggregate = { .wish = { .by = by, .paths = true } } };
}

/* A path of so many functions, the outermost first. Nothing is shared with others: it need not be. */
static void add(struct paths *paths, uint64_t size_bytes, uint64_t count, size_t length,
                const int *functions) {
        struct aggregate_entry *entry = &paths->entries[paths->aggregate.count++];
        uint32_t parent = AGGREGATE_NO_NODE;

        for (uint32_t i = 0; i < length; i++) {
                paths->nodes[paths->node_count] =
                        (struct aggregate_node){ &frames[functions[i]], parent, i + 1, false };
                parent = paths->node_count++;
        }
        *entry = (struct aggregate_entry){ .node = parent, .size_bytes = size_bytes, .count = count };
}

#define ADD(paths, size_bytes, count, ...)                                                                   \
        add(paths, size_bytes, count, sizeof((int[]){ __VA_ARGS__ }) / sizeof(int), (int[]){ __VA_ARGS__ })

static struct callgraph made(struct paths *paths) {
        struct callgraph graph;

        paths->aggregate.entries = paths->entries;
        paths->aggregate.nodes = paths->nodes;
        cr_assert_eq(callgraph_make(&paths->aggregate, &graph), 0);
        return graph;
}

static void is_cost(const struct callgraph_cost *cost, uint64_t self_bytes, uint64_t self_count,
                    uint64_t cumulative_bytes, uint64_t cumulative_count) {
        cr_expect_eq(cost->self.size_bytes, self_bytes);
        cr_expect_eq(cost->self.count, self_count);
        cr_expect_eq(cost->cumulative.size_bytes, cumulative_bytes);
        cr_expect_eq(cost->cumulative.count, cumulative_count);
}

/* The edge must be there, seen from either end. */
static const struct callgraph_cost *between(const struct callgraph *graph, uint32_t caller, uint32_t callee) {
        const struct callgraph_edge *from = NULL, *to = NULL, *edge;

        for (size_t i = 0; (edge = callgraph_callee(graph, caller, i)); i++)
                if (edge->callee == callee)
                        from = edge;
        for (size_t i = 0; (edge = callgraph_caller(graph, callee, i)); i++)
                if (edge->caller == caller)
                        to = edge;
        cr_assert_not_null(from, "%u does not call %u", caller, callee);
        cr_assert_eq(from, to);
        return &from->cost;
}

Test(callgraph, who_called_whom) {
        struct paths paths = paths_by(AGGREGATE_FUNCTION);
        struct callgraph graph;

        ADD(&paths, 100, 10, MAIN, WALK, VISIT);
        ADD(&paths, 30, 3, MAIN, PARSE, VISIT);
        ADD(&paths, 7, 1, MAIN, PARSE);
        ADD(&paths, 4, 2, MAIN);
        ADD(&paths, 1, 1, MAIN, VISIT);
        graph = made(&paths);
        cr_assert_eq(graph.node_count, FUNCTIONS);
        cr_assert_eq(graph.edge_count, 5);
        for (uint32_t i = 0; i < FUNCTIONS; i++)
                cr_assert_eq(graph.nodes[i].frame, &frames[i]);
        is_cost(&graph.nodes[MAIN].cost, 4, 2, 142, 17);
        is_cost(&graph.nodes[PARSE].cost, 7, 1, 37, 4);
        is_cost(&graph.nodes[VISIT].cost, 131, 14, 131, 14);
        is_cost(&graph.nodes[WALK].cost, 0, 0, 100, 10);
        is_cost(between(&graph, MAIN, PARSE), 7, 1, 37, 4);
        is_cost(between(&graph, MAIN, VISIT), 1, 1, 1, 1);
        is_cost(between(&graph, MAIN, WALK), 0, 0, 100, 10);
        is_cost(between(&graph, PARSE, VISIT), 30, 3, 30, 3);
        is_cost(between(&graph, WALK, VISIT), 100, 10, 100, 10);
        cr_assert_eq(callgraph_callee(&graph, MAIN, 0)->callee, PARSE);
        cr_assert_eq(callgraph_callee(&graph, MAIN, 2)->callee, WALK);
        cr_assert_null(callgraph_callee(&graph, MAIN, 3));
        cr_assert_null(callgraph_callee(&graph, VISIT, 0));
        cr_assert_null(callgraph_caller(&graph, MAIN, 0));
        cr_assert_eq(callgraph_caller(&graph, VISIT, 0)->caller, MAIN);
        cr_assert_eq(callgraph_caller(&graph, VISIT, 2)->caller, WALK);
        cr_assert_null(callgraph_caller(&graph, VISIT, 3));
        callgraph_deinit(&graph);
}

Test(callgraph, a_function_that_calls_itself_is_charged_once) {
        struct paths paths = paths_by(AGGREGATE_FUNCTION);
        struct callgraph graph;

        ADD(&paths, 100, 10, MAIN, WALK, WALK, WALK);
        ADD(&paths, 8, 2, MAIN, WALK);
        graph = made(&paths);
        cr_assert_eq(graph.edge_count, 2);
        is_cost(&graph.nodes[0].cost, 0, 0, 108, 12);
        is_cost(&graph.nodes[1].cost, 108, 12, 108, 12);
        is_cost(between(&graph, 0, 1), 8, 2, 108, 12);
        is_cost(between(&graph, 1, 1), 100, 10, 100, 10);
        callgraph_deinit(&graph);
}

/* Each edge of the circle once a path, however often it is gone round. */
Test(callgraph, functions_that_call_each_other_are_charged_once) {
        struct paths paths = paths_by(AGGREGATE_FUNCTION);
        struct callgraph graph;

        ADD(&paths, 100, 10, MAIN, WALK, VISIT, WALK, VISIT, WALK);
        ADD(&paths, 6, 1, WALK, VISIT);
        graph = made(&paths);
        cr_assert_eq(graph.edge_count, 3);
        is_cost(&graph.nodes[0].cost, 0, 0, 100, 10);
        is_cost(&graph.nodes[1].cost, 6, 1, 106, 11);
        is_cost(&graph.nodes[2].cost, 100, 10, 106, 11);
        is_cost(between(&graph, 0, 2), 0, 0, 100, 10);
        is_cost(between(&graph, 2, 1), 6, 1, 106, 11);
        is_cost(between(&graph, 1, 2), 100, 10, 100, 10);
        callgraph_deinit(&graph);
}

Test(callgraph, of_nothing_and_of_single_frames) {
        struct paths paths = paths_by(AGGREGATE_FUNCTION);
        struct callgraph graph = made(&paths);

        cr_assert_eq(graph.node_count, 0);
        callgraph_deinit(&graph);
        ADD(&paths, 5, 1, PARSE);
        ADD(&paths, 6, 1, MAIN);
        graph = made(&paths);
        cr_assert_eq(graph.node_count, 2);
        cr_assert_eq(graph.edge_count, 0);
        is_cost(&graph.nodes[0].cost, 6, 1, 6, 1);
        cr_assert_null(callgraph_caller(&graph, 1, 0));
        cr_assert_null(callgraph_callee(&graph, 0, 0));
        callgraph_deinit(&graph);
}

Test(callgraph, sums_stay_at_the_largest_number) {
        struct paths paths = paths_by(AGGREGATE_FUNCTION);
        struct callgraph graph;

        ADD(&paths, UINT64_MAX, UINT64_MAX - 1, MAIN, PARSE);
        ADD(&paths, 2, 2, MAIN, PARSE);
        graph = made(&paths);
        is_cost(&graph.nodes[0].cost, 0, 0, UINT64_MAX, UINT64_MAX);
        is_cost(between(&graph, 0, 1), UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX);
        callgraph_deinit(&graph);
}

Test(callgraph, places_as_pstats_writes_them) {
        static const struct symbol_frame lineless = { .file = "libz.so.1+0x2f00",
                                                      .module = "/lib/libz.so.1" };
        static const struct {
                enum aggregate_by by;
                const char *first, *second;
        } wanted[] = {
                { AGGREGATE_LINE, "a.c:10(main)", "libz.so.1+0x2f00(<unknown>)" },
                { AGGREGATE_FUNCTION, "a.c(main)", "libz.so.1(<unknown>)" },
                { AGGREGATE_FILE, "a.c", "libz.so.1" },
                { AGGREGATE_MODULE, "<unknown>", "/lib/libz.so.1" },
        };

        for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
                struct paths paths = paths_by(wanted[i].by);
                struct callgraph graph;
                char *place;

                ADD(&paths, 5, 1, PARSE, MAIN);
                paths.nodes[0].frame = &lineless;
                graph = made(&paths);
                cr_assert_str_eq(place = callgraph_place(&graph, 0), wanted[i].first);
                free(place);
                cr_assert_str_eq(place = callgraph_place(&graph, 1), wanted[i].second);
                free(place);
                callgraph_deinit(&graph);
        }
}
