/*
 * Who called whom, in bytes and calls: the functions of a heap's stacks (or their lines, files or
 * modules) and between each two the calls that led to an allocation. It is made of paths, so that whatever
 * can be added up has a call graph; its size is bounded by functions and pairs of them.
 *
 * Must not: look at stacks, or print.
 */
#ifndef ANALYZER_AGGREGATE_CALLGRAPH_H
#define ANALYZER_AGGREGATE_CALLGRAPH_H

#include "aggregate/aggregate.h"

struct callgraph_sum {
        uint64_t size_bytes, count;
};

struct callgraph_cost {
        struct callgraph_sum self;       /* of stacks that end there */
        struct callgraph_sum cumulative; /* of stacks it occurs in; each once, recursion or not */
};

struct callgraph_node {
        const struct symbol_frame *frame; /* the first that was met of its place; the symbols' */
        struct callgraph_cost cost;
        uint32_t first_callee; /* of its edges, in callgraph.edges */
        uint32_t first_caller; /* of its edges, in callgraph.by_callee */
};

struct callgraph_edge {
        uint32_t caller, callee; /* nodes; one and the same where a function calls itself */
        struct callgraph_cost cost;
};

struct callgraph {
        enum aggregate_by by;
        struct callgraph_node *nodes; /* by place, from A on */
        struct callgraph_edge *edges; /* by caller, then callee */
        uint32_t *by_callee;          /* edges by callee, then caller */
        size_t node_count, node_capacity, edge_count, edge_capacity;
};

/*
 * `paths` was made with wish.paths, by line, function, file or module. 0, or a negative errno already
 * reported; the caller's to deinit on success alone.
 */
int callgraph_make(const struct aggregate *paths, struct callgraph *out);

void callgraph_deinit(struct callgraph *graph);

/* The `index`th edge that leads to a node, or from it; NULL at their end. */
const struct callgraph_edge *callgraph_caller(const struct callgraph *graph, uint32_t node, size_t index);
const struct callgraph_edge *callgraph_callee(const struct callgraph *graph, uint32_t node, size_t index);

/* A node as an entry of a table: its names, and one of its sums. */
struct aggregate_entry callgraph_entry(const struct callgraph *graph, uint32_t node, bool cumulative);

/* "FILE(FUNCTION)", "FILE:LINE(FUNCTION)", "FILE" or "MODULE", as pstats writes a function. Heap; NULL: no
 * memory. */
char *callgraph_place(const struct callgraph *graph, uint32_t node);

#endif
