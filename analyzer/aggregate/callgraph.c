/*
 * See callgraph.h. Nodes and edges remember the last path that was charged to them, and that path charges
 * them no second time. One thread.
 */
#include "aggregate/callgraph.h"

#include "aggregate/key.h"
#include "base/array.h"
#include "base/message.h"
#include "base/saturate.h"

#include <stdio.h>
#include <stdlib.h>

#define NOBODY UINT32_MAX

struct making {
        struct callgraph *out;
        struct map by_frame;                   /* the frame of a place, to its node */
        struct map by_ends;                    /* (caller, callee) to edge */
        uint32_t *node_charged, *edge_charged; /* the last path that was, + 1 */
        size_t node_charged_capacity, edge_charged_capacity;
};

/* One path's share: `self` where it ends there. */
struct share {
        struct callgraph_sum sum;
        uint32_t path;
        bool self;
};

static void add_sum(struct callgraph_sum *sum, struct callgraph_sum more) {
        sum->size_bytes = saturate_add(sum->size_bytes, more.size_bytes);
        sum->count = saturate_add(sum->count, more.count);
}

static void charge(struct callgraph_cost *cost, uint32_t *charged, const struct share *share) {
        if (share->self)
                add_sum(&cost->self, share->sum);
        if (*charged != share->path + 1)
                add_sum(&cost->cumulative, share->sum);
        *charged = share->path + 1;
}

static int charge_node(struct making *making, const struct symbol_frame *frame, const struct share *share,
                       uint32_t *number) {
        struct callgraph *out = making->out;
        uint32_t *known = map_value(&making->by_frame, (uint64_t)(uintptr_t)frame, (uint32_t)out->node_count);

        if (!known ||
            array_reserve(&out->nodes, &out->node_capacity, out->node_count + 1, sizeof(*out->nodes)) < 0 ||
            array_reserve(&making->node_charged, &making->node_charged_capacity, out->node_count + 1,
                          sizeof(*making->node_charged)) < 0)
                return -ENOMEM;
        if (*known == out->node_count) {
                making->node_charged[out->node_count] = 0;
                out->nodes[out->node_count++] = (struct callgraph_node){ .frame = frame };
        }
        charge(&out->nodes[*known].cost, &making->node_charged[*known], share);
        *number = *known;
        return 0;
}

static int charge_edge(struct making *making, uint32_t caller, uint32_t callee, const struct share *share) {
        struct callgraph *out = making->out;
        uint32_t *known =
                map_value(&making->by_ends, (uint64_t)caller << 32 | callee, (uint32_t)out->edge_count);

        if (!known ||
            array_reserve(&out->edges, &out->edge_capacity, out->edge_count + 1, sizeof(*out->edges)) < 0 ||
            array_reserve(&making->edge_charged, &making->edge_charged_capacity, out->edge_count + 1,
                          sizeof(*making->edge_charged)) < 0)
                return -ENOMEM;
        if (*known == out->edge_count) {
                making->edge_charged[out->edge_count] = 0;
                out->edges[out->edge_count++] = (struct callgraph_edge){ .caller = caller, .callee = callee };
        }
        charge(&out->edges[*known].cost, &making->edge_charged[*known], share);
        return 0;
}

/* From the innermost frame outwards: the first is a node of its own memory, and so is the edge to it. */
static int charge_path(struct making *making, const struct aggregate *paths, uint32_t path) {
        const struct aggregate_entry *entry = &paths->entries[path];
        struct share share = { { entry->size_bytes, entry->count }, path, true };
        uint32_t callee = NOBODY;

        for (uint32_t at = entry->node; at != AGGREGATE_NO_NODE; at = paths->nodes[at].parent) {
                uint32_t node;

                share.self = callee == NOBODY;
                if (charge_node(making, paths->nodes[at].frame, &share, &node) < 0)
                        return -ENOMEM;
                share.self = at == paths->nodes[entry->node].parent;
                if (callee != NOBODY && charge_edge(making, node, callee, &share) < 0)
                        return -ENOMEM;
                callee = node;
        }
        return 0;
}

struct aggregate_entry callgraph_entry(const struct callgraph *graph, uint32_t number, bool cumulative) {
        const struct callgraph_node *node = &graph->nodes[number];
        const struct callgraph_sum *sum = cumulative ? &node->cost.cumulative : &node->cost.self;
        struct aggregate_entry entry = keys_entry(graph->by, node->frame);

        entry.size_bytes = sum->size_bytes;
        entry.count = sum->count;
        return entry;
}

static int compare_nodes(const void *left_pointer, const void *right_pointer, void *graph_pointer) {
        const struct callgraph *graph = graph_pointer;
        struct aggregate_entry left = callgraph_entry(graph, *(const uint32_t *)left_pointer, false);
        struct aggregate_entry right = callgraph_entry(graph, *(const uint32_t *)right_pointer, false);
        struct aggregate order = { .wish = { .by = graph->by, .sort = AGGREGATE_BY_PLACE } };

        return aggregate_order(&left, &right, &order);
}

static int compare_numbers(uint32_t left, uint32_t right) {
        return left < right ? -1 : left > right;
}

static int compare_edges(const void *left_pointer, const void *right_pointer) {
        const struct callgraph_edge *left = left_pointer, *right = right_pointer;
        int callers = compare_numbers(left->caller, right->caller);

        return callers ? callers : compare_numbers(left->callee, right->callee);
}

static int compare_callees(const void *left_pointer, const void *right_pointer, void *graph_pointer) {
        const struct callgraph *graph = graph_pointer;
        const struct callgraph_edge *left = &graph->edges[*(const uint32_t *)left_pointer];
        const struct callgraph_edge *right = &graph->edges[*(const uint32_t *)right_pointer];
        int callees = compare_numbers(left->callee, right->callee);

        return callees ? callees : compare_numbers(left->caller, right->caller);
}

/* Nodes were numbered as they were met; from here on by their places. */
static void renumber(struct callgraph *graph, const uint32_t *order, uint32_t *number,
                     struct callgraph_node *nodes) {
        for (uint32_t i = 0; i < graph->node_count; i++) {
                nodes[i] = graph->nodes[order[i]];
                number[order[i]] = i;
        }
        for (size_t i = 0; i < graph->edge_count; i++) {
                graph->edges[i].caller = number[graph->edges[i].caller];
                graph->edges[i].callee = number[graph->edges[i].callee];
        }
}

static int sort_nodes(struct callgraph *graph) {
        uint32_t *order = calloc(graph->node_count, sizeof(*order));
        uint32_t *number = calloc(graph->node_count, sizeof(*number));
        struct callgraph_node *nodes = calloc(graph->node_count, sizeof(*nodes));
        bool whole = order && number && nodes;

        if (whole) {
                for (uint32_t i = 0; i < graph->node_count; i++)
                        order[i] = i;
                qsort_r(order, graph->node_count, sizeof(*order), compare_nodes, graph);
                renumber(graph, order, number, nodes);
                free(graph->nodes);
                graph->nodes = nodes;
        } else {
                free(nodes);
        }
        free(order);
        free(number);
        return whole ? 0 : -ENOMEM;
}

/* Backwards, so that the first of a node's edges is the last one written. */
static int sort_edges(struct callgraph *graph) {
        qsort(graph->edges, graph->edge_count, sizeof(*graph->edges), compare_edges);
        graph->by_callee = calloc(graph->edge_count, sizeof(*graph->by_callee));
        if (!graph->by_callee)
                return -ENOMEM;
        for (uint32_t i = 0; i < graph->edge_count; i++)
                graph->by_callee[i] = i;
        qsort_r(graph->by_callee, graph->edge_count, sizeof(*graph->by_callee), compare_callees, graph);
        for (uint32_t i = (uint32_t)graph->edge_count; i-- > 0;) {
                graph->nodes[graph->edges[i].caller].first_callee = i;
                graph->nodes[graph->edges[graph->by_callee[i]].callee].first_caller = i;
        }
        return 0;
}

int callgraph_make(const struct aggregate *paths, struct callgraph *out) {
        struct making making = { .out = out };
        int error = 0;

        *out = (struct callgraph){ .by = paths->wish.by };
        for (uint32_t i = 0; error == 0 && i < paths->count; i++)
                error = charge_path(&making, paths, i);
        if (error == 0 && out->node_count > 0)
                error = sort_nodes(out);
        if (error == 0 && out->edge_count > 0)
                error = sort_edges(out);
        map_deinit(&making.by_frame);
        map_deinit(&making.by_ends);
        free(making.node_charged);
        free(making.edge_charged);
        if (error == 0)
                return 0;
        callgraph_deinit(out);
        return message_errno(ENOMEM, "callgraph", "cannot add up");
}

void callgraph_deinit(struct callgraph *graph) {
        free(graph->nodes);
        free(graph->edges);
        free(graph->by_callee);
        *graph = (struct callgraph){ 0 };
}

const struct callgraph_edge *callgraph_caller(const struct callgraph *graph, uint32_t node, size_t index) {
        size_t at = graph->nodes[node].first_caller + index;
        const struct callgraph_edge *edge =
                at < graph->edge_count ? &graph->edges[graph->by_callee[at]] : NULL;

        return edge && edge->callee == node ? edge : NULL;
}

const struct callgraph_edge *callgraph_callee(const struct callgraph *graph, uint32_t node, size_t index) {
        size_t at = graph->nodes[node].first_callee + index;
        const struct callgraph_edge *edge = at < graph->edge_count ? &graph->edges[at] : NULL;

        return edge && edge->caller == node ? edge : NULL;
}

char *callgraph_place(const struct callgraph *graph, uint32_t node) {
        struct aggregate_entry entry = callgraph_entry(graph, node, false);
        struct aggregate naming = { .wish.by = graph->by };
        const char *function = entry.function ? entry.function : "<unknown>";
        char *line = NULL, *place;
        int made;

        switch (graph->by) {
        case AGGREGATE_FUNCTION:
                made = asprintf(&place, "%s(%s)", entry.file, function);
                break;
        case AGGREGATE_FILE:
                made = asprintf(&place, "%s", entry.file);
                break;
        case AGGREGATE_LINE:
                line = aggregate_place(&naming, &entry);
                made = line ? asprintf(&place, "%s(%s)", line, function) : -1;
                free(line);
                break;
        default:
                return aggregate_place(&naming, &entry);
        }
        return made < 0 ? NULL : place;
}
