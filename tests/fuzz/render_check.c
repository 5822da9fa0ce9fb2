/* Renders in every form and looks at what comes out: see render_check.h. */
#include "output.h"

#include "render_check.h"

#include "base/saturate.h"
#include "render/ages.h"
#include "render/pstats.h"

#include <jansson.h>
#include <stdlib.h>

/* json_loadb wants UTF-8 (RFC 3629); the parts stand for what a user of the JSON relies on. */
static void check_json(const char *text, size_t length) {
        json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);

        if (!root || !json_is_object(json_object_get(root, "process")) ||
            !json_is_object(json_object_get(root, "totals")) ||
            !json_is_array(json_object_get(root, "entries")))
                abort();
        json_decref(root);
}

/* One JSON string holds all of it, so the parser looks whether it is UTF-8. */
static void check_text(const char *text, size_t length) {
        json_t *string = json_stringn(text, length);

        if (!string)
                abort();
        json_decref(string);
        for (size_t i = 0; i < length; i++)
                if (((unsigned char)text[i] < 0x20 && text[i] != '\n') || text[i] == 0x7f)
                        abort();
}

/* Each line ends with CR LF, and outside quotes each has as many fields as the first. */
static void check_csv(const char *text, size_t length) {
        size_t fields = 0, wanted = 0, lines = 0;
        bool quoted = false;

        for (size_t i = 0; i < length; i++) {
                quoted ^= text[i] == '"';
                fields += !quoted && text[i] == ',';
                if (text[i] == '\n' && (quoted || i == 0 || text[i - 1] != '\r'))
                        abort();
                if (text[i] != '\n')
                        continue;
                wanted = lines++ == 0 ? fields : wanted;
                if (fields != wanted)
                        abort();
                fields = 0;
        }
        if (quoted || lines == 0)
                abort();
}

static void finish(struct output *output, int error, void (*look)(const char *, size_t)) {
        if (error != 0)
                abort();
        output_end(output);
        look(output->text, output->length);
        free(output->text);
}

static void check(const struct report *report, int (*render)(const struct report *, FILE *),
                  void (*look)(const char *, size_t)) {
        struct output output;

        output_begin(&output);
        finish(&output, render(report, output.stream), look);
}

static void check_tables(const struct report *report) {
        check(report, render_report_json, check_json);
        check(report, render_report_text, check_text);
        check(report, render_report_csv, check_csv);
}

void render_check_tables(const struct report *as_given) {
        struct sources sources = { 0 };
        struct report report = *as_given;

        report.sources = &sources;
        check_tables(&report);
        sources_deinit(&sources);
}

void render_check(const struct report *as_given) {
        struct sources sources = { 0 };
        struct report report = *as_given;

        report.sources = &sources;
        check_tables(&report);
        if (report.aggregate->wish.by != AGGREGATE_SIZE)
                check(&report, render_report_pretty, check_text);
        sources_deinit(&sources);
}

static void check_aged(const struct ages *ages, int (*render)(const struct ages *, FILE *),
                       void (*look)(const char *, size_t)) {
        struct output output;

        output_begin(&output);
        finish(&output, render(ages, output.stream), look);
}

void render_check_ages(const struct ages *ages) {
        check_aged(ages, ages_text, check_text);
        check_aged(ages, ages_json, check_json);
        check_aged(ages, ages_csv, check_csv);
}

static void check_calls(const struct pstats *pstats, int (*render)(const struct pstats *, FILE *),
                        void (*look)(const char *, size_t)) {
        struct output output;

        output_begin(&output);
        finish(&output, render(pstats, output.stream), look);
}

/* Nobody has more than what he is part of. */
static void check_cost(const struct callgraph_cost *cost, const struct callgraph_cost *whole) {
        if (cost->self.size_bytes > cost->cumulative.size_bytes ||
            cost->self.count > cost->cumulative.count ||
            cost->cumulative.size_bytes > whole->cumulative.size_bytes ||
            cost->cumulative.count > whole->cumulative.count ||
            cost->self.size_bytes > whole->self.size_bytes)
                abort();
}

static void check_graph(const struct callgraph *graph, const struct aggregate *paths) {
        struct callgraph_sum all = { paths->size_bytes, paths->blocks }, sum = { 0 };
        const struct callgraph_cost whole = { all, all };

        for (size_t i = 0; i < graph->node_count; i++) {
                check_cost(&graph->nodes[i].cost, &whole);
                sum.size_bytes = saturate_add(sum.size_bytes, graph->nodes[i].cost.self.size_bytes);
                sum.count = saturate_add(sum.count, graph->nodes[i].cost.self.count);
        }
        if (sum.size_bytes != all.size_bytes || sum.count != all.count)
                abort();
        for (size_t i = 0; i < graph->edge_count; i++) {
                const struct callgraph_edge *edge = &graph->edges[i];

                check_cost(&edge->cost, &graph->nodes[edge->callee].cost);
                if (edge->cost.cumulative.size_bytes > graph->nodes[edge->caller].cost.cumulative.size_bytes)
                        abort();
        }
}

void render_check_calls(const struct report *report) {
        struct filter all = { 0 };
        struct calls calls = { .only = &all };

        if (callgraph_make(report->aggregate, &calls.graph) < 0 ||
            !(calls.shown = calloc(calls.graph.node_count + 1, sizeof(*calls.shown))))
                abort();
        check_graph(&calls.graph, report->aggregate);
        for (; calls.shown_count < calls.graph.node_count; calls.shown_count++)
                calls.shown[calls.shown_count] = (uint32_t)calls.shown_count;
        for (int kind = PSTATS_FUNCTIONS; kind <= PSTATS_CALLEES; kind++) {
                const struct pstats pstats = { report, &calls, (enum pstats_kind)kind };

                check_calls(&pstats, pstats_text, check_text);
                check_calls(&pstats, pstats_json, check_json);
                check_calls(&pstats, pstats_csv, check_csv);
        }
        free(calls.shown);
        callgraph_deinit(&calls.graph);
}
