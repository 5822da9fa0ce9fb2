/*
 * See calls.h. One thread.
 */
#include "select/calls.h"

#include "base/message.h"

#include <errno.h>
#include <stdlib.h>

int calls_settle(struct grouping *grouping) {
        if (!grouping->by_given)
                grouping->by = AGGREGATE_FUNCTION;
        grouping->paths = true;
        if (grouping->by == AGGREGATE_LINE || grouping->by == AGGREGATE_FUNCTION ||
            grouping->by == AGGREGATE_FILE || grouping->by == AGGREGATE_MODULE)
                return grouping_settle(grouping);
        message("%s: of --by %s nobody knows who calls whom; it is by line, function, file or module",
                grouping->command, aggregate_by_names[grouping->by]);
        return -EINVAL;
}

int calls_restrict(const struct grouping *grouping, struct filter *only, const char *glob) {
        enum filter_kind kind = grouping->by == AGGREGATE_MODULE ? FILTER_MODULE
                                : grouping->by == AGGREGATE_FILE ? FILTER_INCLUDE
                                                                 : FILTER_SKIP;

        return filter_add(only, kind, glob);
}

struct ordering {
        const struct calls *calls;
        bool cumulative;
};

static int compare(const void *left_pointer, const void *right_pointer, void *ordering_pointer) {
        const struct ordering *ordering = ordering_pointer;
        const struct callgraph *graph = &ordering->calls->graph;
        struct aggregate_entry left =
                callgraph_entry(graph, *(const uint32_t *)left_pointer, ordering->cumulative);
        struct aggregate_entry right =
                callgraph_entry(graph, *(const uint32_t *)right_pointer, ordering->cumulative);

        return aggregate_order(&left, &right, (void *)&ordering->calls->tally.aggregate);
}

static void restrict_to(struct calls *calls, enum calls_restriction restriction, size_t count) {
        calls->before[restriction] = calls->shown_count;
        calls->after[restriction] = calls->shown_count = count;
}

static void restrict_all(struct calls *calls, bool cumulative, const struct listing *listing,
                         struct filter *only) {
        size_t limit = listing_limit(listing), kept = 0;

        for (size_t i = 0; i < calls->shown_count; i++) {
                const struct symbol_frame *frame = calls->graph.nodes[calls->shown[i]].frame;

                if (only->count == 0 || filter_match(only, &frame, 1))
                        calls->shown[kept++] = calls->shown[i];
        }
        restrict_to(calls, CALLS_GLOBS, kept);
        calls->least_bytes = listing_least(listing, calls->tally.aggregate.size_bytes);
        kept = 0;
        for (size_t i = 0; i < calls->shown_count; i++)
                if (callgraph_entry(&calls->graph, calls->shown[i], cumulative).size_bytes >=
                    calls->least_bytes)
                        calls->shown[kept++] = calls->shown[i];
        restrict_to(calls, CALLS_LEAST, kept);
        restrict_to(calls, CALLS_LIMIT, kept < limit ? kept : limit);
}

static int arrange(struct calls *calls, bool cumulative, const struct listing *listing, struct filter *only) {
        struct ordering ordering = { calls, cumulative };

        calls->shown_count = calls->graph.node_count;
        calls->shown = calloc(calls->shown_count + 1, sizeof(*calls->shown));
        if (!calls->shown)
                return message_errno(ENOMEM, listing->command, "cannot order");
        for (uint32_t i = 0; i < calls->shown_count; i++)
                calls->shown[i] = i;
        qsort_r(calls->shown, calls->shown_count, sizeof(*calls->shown), compare, &ordering);
        restrict_all(calls, cumulative, listing, only);
        return 0;
}

int calls_make(struct state *state, const struct grouping *grouping, struct selection *selection,
               const struct listing *listing, struct filter *only, struct calls *calls) {
        int error;

        *calls = (struct calls){ .only = only };
        error = tally_make(state, grouping, selection, &calls->tally);
        if (error < 0)
                return error;
        error = callgraph_make(&calls->tally.aggregate, &calls->graph);
        if (error == 0)
                error = arrange(calls, grouping->cumulative, listing, only);
        if (error < 0)
                calls_deinit(calls);
        return error;
}

void calls_deinit(struct calls *calls) {
        free(calls->shown);
        callgraph_deinit(&calls->graph);
        tally_deinit(&calls->tally);
        *calls = (struct calls){ 0 };
}
