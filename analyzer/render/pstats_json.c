/*
 * Callers and callees as JSON: a function is an entry, and what it called or was called by stands in it.
 */
#include "render/pstats.h"

#include "render/json.h"
#include "render/list.h"
#include "render/rows.h"
#include "render/values.h"

static json_t *cost_of(const struct pstats *pstats, uint32_t node, const struct callgraph_cost *cost) {
        struct aggregate_entry entry = callgraph_entry(&pstats->calls->graph, node, false);
        json_t *sums = json_pack("{s:o, s:o, s:o, s:o}", "self_size", values_number(cost->self.size_bytes),
                                 "self_count", values_number(cost->self.count), "cumulative_size",
                                 values_number(cost->cumulative.size_bytes), "cumulative_count",
                                 values_number(cost->cumulative.count));

        return rows_json_more(rows_json_place(&entry), sums);
}

static json_t *entry_of(const struct pstats *pstats, uint32_t node) {
        json_t *made = cost_of(pstats, node, &pstats->calls->graph.nodes[node].cost), *others = json_array();
        const struct callgraph_edge *edge;
        int failed = !made || !others;
        uint32_t other;

        for (size_t i = 0; !failed && (edge = pstats_edge(pstats, node, i, &other)); i++)
                failed = json_array_append_new(others, cost_of(pstats, other, &edge->cost)) < 0;
        if (json_object_set_new(made, pstats->kind == PSTATS_CALLERS ? "callers" : "callees", others) < 0 ||
            failed) {
                json_decref(made);
                made = NULL;
        }
        return made;
}

int pstats_json(const struct pstats *pstats, FILE *stream) {
        const char *schema = pstats->kind == PSTATS_CALLERS ? "memtrace-callers-1" : "memtrace-callees-1";
        struct list list;

        list_begin(&list, render_json_head(pstats->report, schema), "entries", stream);
        for (size_t i = 0; !list.failed && i < pstats->calls->shown_count; i++)
                list_add(&list, entry_of(pstats, pstats->calls->shown[i]));
        return list_end(&list, pstats->report->trace_name);
}
