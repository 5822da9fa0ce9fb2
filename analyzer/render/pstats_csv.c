/*
 * Callers and callees as CSV: a line for each function, and one below it for each that called it, or that it
 * called.
 */
#include "render/pstats.h"

#include "render/rows.h"

#include <inttypes.h>

static int put_place(const struct pstats *pstats, uint32_t node, FILE *stream) {
        struct aggregate_entry entry = callgraph_entry(&pstats->calls->graph, node, false);

        return rows_csv_place(&entry, stream);
}

static void put_cost(const struct callgraph_cost *cost, FILE *stream) {
        fprintf(stream, "%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\r\n", cost->self.size_bytes,
                cost->self.count, cost->cumulative.size_bytes, cost->cumulative.count);
}

static int put_entry(const struct pstats *pstats, uint32_t node, FILE *stream) {
        const char *relation = pstats->kind == PSTATS_CALLERS ? "caller" : "callee";
        const struct callgraph_edge *edge;
        uint32_t other;
        int error;

        fputs("self,", stream);
        error = put_place(pstats, node, stream);
        fputs(",,,,", stream);
        put_cost(&pstats->calls->graph.nodes[node].cost, stream);
        for (size_t i = 0; error == 0 && (edge = pstats_edge(pstats, node, i, &other)); i++) {
                fprintf(stream, "%s,", relation);
                error = put_place(pstats, node, stream);
                if (error == 0)
                        error = put_place(pstats, other, stream);
                put_cost(&edge->cost, stream);
        }
        return error;
}

int pstats_csv(const struct pstats *pstats, FILE *stream) {
        int error = 0;

        fputs("relation,file,line,function,module,other_file,other_line,other_function,other_module,"
              "self_size,self_count,cumulative_size,cumulative_count\r\n",
              stream);
        for (size_t i = 0; error == 0 && i < pstats->calls->shown_count; i++)
                error = put_entry(pstats, pstats->calls->shown[i], stream);
        return error;
}
