/*
 * The order of entries: tracemalloc's (size, count, place), descending, and what else is asked
 * for. Plain functions, no state.
 */
#include "aggregate/aggregate.h"

#include <string.h>

/* As Python compares tuples of frames, the oldest first: they differ behind what they share. */
static int compare_tracebacks(const struct aggregate_node *nodes, uint32_t left, uint32_t right) {
        int depths = aggregate_order_numbers(nodes[left].depth, nodes[right].depth);
        int files;

        while (nodes[left].depth > nodes[right].depth)
                left = nodes[left].parent;
        while (nodes[right].depth > nodes[left].depth)
                right = nodes[right].parent;
        if (left == right)
                return depths;
        while (nodes[left].parent != nodes[right].parent) {
                left = nodes[left].parent;
                right = nodes[right].parent;
        }
        files = strcmp(nodes[left].frame->file, nodes[right].frame->file);
        return files ? files : aggregate_order_numbers(nodes[left].frame->line, nodes[right].frame->line);
}

static int compare_threads(const struct trace_thread *left, const struct trace_thread *right) {
        int names = strcmp(filter_thread_name(left), filter_thread_name(right));

        if (names || !left || !right)
                return names ? names : aggregate_order_numbers(left != NULL, right != NULL);
        return left->tid != right->tid ? aggregate_order_numbers(left->tid, right->tid)
                                       : aggregate_order_numbers(left->start_time_ns, right->start_time_ns);
}

int aggregate_order_places(const struct aggregate *aggregate, const struct aggregate_entry *left,
                           const struct aggregate_entry *right) {
        int files;

        switch (aggregate->wish.by) {
        case AGGREGATE_TRACEBACK:
                return compare_tracebacks(aggregate->nodes, left->node, right->node);
        case AGGREGATE_SIZE:
                return aggregate_order_numbers(left->least_bytes, right->least_bytes);
        case AGGREGATE_THREAD:
                return compare_threads(left->thread, right->thread);
        case AGGREGATE_DOMAIN:
                return aggregate_order_texts(left->domain, right->domain);
        case AGGREGATE_MODULE:
                return aggregate_order_texts(left->module, right->module);
        default:
                break;
        }
        files = aggregate_order_texts(left->file, right->file);
        if (files)
                return files;
        return aggregate->wish.by == AGGREGATE_FUNCTION
                       ? aggregate_order_texts(left->function, right->function)
                       : aggregate_order_numbers(left->line, right->line);
}

static int compare_averages(const struct aggregate_entry *left, const struct aggregate_entry *right) {
        unsigned __int128 one = (unsigned __int128)left->size_bytes * right->count;
        unsigned __int128 other = (unsigned __int128)right->size_bytes * left->count;

        return one < other ? -1 : one > other;
}

int aggregate_order(const void *left_pointer, const void *right_pointer, void *context) {
        const struct aggregate_entry *left = left_pointer, *right = right_pointer;
        const struct aggregate *aggregate = context;
        enum aggregate_sort sort = aggregate->wish.sort;
        int order = 0;

        if (sort == AGGREGATE_BY_PLACE)
                return aggregate_order_places(aggregate, left, right);
        if (sort == AGGREGATE_BY_COUNT)
                order = aggregate_order_numbers(right->count, left->count);
        else if (sort == AGGREGATE_BY_AVERAGE)
                order = compare_averages(right, left);
        if (order == 0)
                order = aggregate_order_numbers(right->size_bytes, left->size_bytes);
        if (order == 0)
                order = aggregate_order_numbers(right->count, left->count);
        return order ? order : aggregate_order_places(aggregate, right, left);
}
