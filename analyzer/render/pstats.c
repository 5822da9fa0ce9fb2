/*
 * pstats' three tables, column for column. Its ncalls are calls in all and calls that are not recursion; here
 * they are allocations of the function's own and those with what it called, which are what its
 * two percalls divide by.
 */
#include "render/pstats.h"

#include "base/message.h"
#include "base/terminal.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define GAP_COLUMNS 2      /* behind the longest name */
#define FIGURES_COLUMNS 31 /* from a name's end to the one it calls: "-> ", ncalls, two sizes, blanks */

const struct callgraph_edge *pstats_edge(const struct pstats *pstats, uint32_t node, size_t index,
                                         uint32_t *other) {
        const struct callgraph *graph = &pstats->calls->graph;
        const struct callgraph_edge *edge = pstats->kind == PSTATS_CALLERS
                                                    ? callgraph_caller(graph, node, index)
                                                    : callgraph_callee(graph, node, index);

        if (edge)
                *other = pstats->kind == PSTATS_CALLERS ? edge->caller : edge->callee;
        return edge;
}

static int no_memory(const struct pstats *pstats) {
        return message_errno(ENOMEM, pstats->report->trace_name, "cannot print");
}

/* What of a name a terminal shows, in characters; Python's len() of it. */
static size_t length_of(const char *harmless) {
        size_t length = 0;

        for (; *harmless; harmless++)
                length += ((unsigned char)*harmless & 0xc0) != 0x80;
        return length;
}

/* Heap; NULL: no memory. */
static char *name_of(const struct pstats *pstats, uint32_t node) {
        char *place = callgraph_place(&pstats->calls->graph, node);
        char *name = place ? text_escape(place, strlen(place)) : NULL;

        free(place);
        return name;
}

/* One number where the two are the same. */
static struct size_text calls_text(const struct callgraph_cost *cost) {
        struct size_text out;

        if (cost->self.count == cost->cumulative.count)
                snprintf(out.text, sizeof(out.text), "%" PRIu64, cost->self.count);
        else
                snprintf(out.text, sizeof(out.text), "%" PRIu64 "/%" PRIu64, cost->self.count,
                         cost->cumulative.count);
        return out;
}

static struct size_text per_call(const struct callgraph_sum *sum) {
        if (sum->count == 0)
                return (struct size_text){ "" };
        return text_size((double)sum->size_bytes / (double)sum->count, false);
}

static void put_size(struct size_text size, const char *behind, FILE *stream) {
        terminal_style(stream, TERMINAL_SIZE);
        fprintf(stream, "%8s", size.text);
        terminal_style(stream, TERMINAL_PLAIN);
        fputs(behind, stream);
}

static const char *order_words(const struct aggregate_wish *wish) {
        static const char *const words[][2] = {
                [AGGREGATE_BY_SIZE] = { "internal size", "cumulative size" },
                [AGGREGATE_BY_COUNT] = { "call count", "cumulative call count" },
                [AGGREGATE_BY_AVERAGE] = { "internal average", "cumulative average" },
                [AGGREGATE_BY_PLACE] = { "standard name", "standard name" },
        };

        return words[wish->sort][wish->cumulative];
}

/* As Python writes what was given. */
static void put_reason(const struct calls *calls, enum calls_restriction restriction, FILE *stream) {
        switch (restriction) {
        case CALLS_GLOBS:
                for (size_t i = 0; i < calls->only->count; i++) {
                        fputs(i > 0 ? ", '" : "'", stream);
                        text_put(stream, calls->only->globs[i].given);
                        fputc('\'', stream);
                }
                break;
        case CALLS_LEAST:
                fputs(text_size((double)calls->least_bytes, false).text, stream);
                break;
        default:
                fprintf(stream, "%zu", calls->after[restriction]);
        }
}

static void put_restrictions(const struct calls *calls, FILE *stream) {
        for (int i = 0; i < CALLS_RESTRICTIONS; i++) {
                if (calls->before[i] == calls->after[i])
                        continue;
                fprintf(stream, "   List reduced from %zu to %zu due to restriction <", calls->before[i],
                        calls->after[i]);
                put_reason(calls, (enum calls_restriction)i, stream);
                fputs(">\n", stream);
        }
}

static int put_heading(const struct pstats *pstats, FILE *stream) {
        const struct report *report = pstats->report;
        int error = 0;

        if (report->summary->lost > 0 || report->summary->damage_count > 0 || report->summary->unseen) {
                error = render_summary(report->summary, stream);
                fputc('\n', stream);
        }
        fputs("         ", stream);
        terminal_style(stream, TERMINAL_HEADING);
        if (error == 0)
                error = render_what(report, stream);
        render_sum(report, stream);
        terminal_style(stream, TERMINAL_PLAIN);
        fprintf(stream, "\n\n   Ordered by: %s\n", order_words(&report->aggregate->wish));
        put_restrictions(pstats->calls, stream);
        fputc('\n', stream);
        return error;
}

/* What a place is called at the head of its column. */
static const char *const titles[] = {
        [AGGREGATE_LINE] = "filename:lineno(function)",
        [AGGREGATE_FUNCTION] = "filename(function)",
        [AGGREGATE_FILE] = "filename",
        [AGGREGATE_MODULE] = "module",
};
static const char *const subjects[] = {
        [AGGREGATE_LINE] = "Line",
        [AGGREGATE_FUNCTION] = "Function",
        [AGGREGATE_FILE] = "File",
        [AGGREGATE_MODULE] = "Module",
};

static int put_functions(const struct pstats *pstats, FILE *stream) {
        const struct calls *calls = pstats->calls;

        fprintf(stream, "   ncalls  totsize  percall  cumsize  percall %s\n", titles[calls->graph.by]);
        for (size_t i = 0; i < calls->shown_count; i++) {
                const struct callgraph_cost *cost = &calls->graph.nodes[calls->shown[i]].cost;
                char *place = callgraph_place(&calls->graph, calls->shown[i]);

                if (!place)
                        return no_memory(pstats);
                fprintf(stream, "%9s ", calls_text(cost).text);
                put_size(text_size((double)cost->self.size_bytes, false), " ", stream);
                fprintf(stream, "%8s ", per_call(&cost->self).text);
                put_size(text_size((double)cost->cumulative.size_bytes, false), " ", stream);
                fprintf(stream, "%8s ", per_call(&cost->cumulative).text);
                terminal_put_place(stream, place, 9 + 4 * 9 + 1);
                fputc('\n', stream);
                free(place);
        }
        return 0;
}

/* As wide as the longest name, but on a terminal half of what the figures leave. */
static int width_of(const struct pstats *pstats, FILE *stream, size_t *width) {
        size_t columns = terminal_columns(stream);
        size_t most = columns == SIZE_MAX                           ? SIZE_MAX
                      : columns > FIGURES_COLUMNS + 2 * GAP_COLUMNS ? (columns - FIGURES_COLUMNS) / 2
                                                                    : GAP_COLUMNS;

        *width = 0;
        for (size_t i = 0; i < pstats->calls->shown_count; i++) {
                char *name = name_of(pstats, pstats->calls->shown[i]);

                if (!name)
                        return no_memory(pstats);
                if (length_of(name) > *width)
                        *width = length_of(name);
                free(name);
        }
        *width = *width + GAP_COLUMNS < most ? *width + GAP_COLUMNS : most;
        return 0;
}

static int put_edge(const struct pstats *pstats, const struct callgraph_cost *cost, uint32_t other,
                    size_t width, bool first, FILE *stream) {
        char *place = callgraph_place(&pstats->calls->graph, other);

        if (!place)
                return no_memory(pstats);
        if (first)
                fprintf(stream, "%7s ", calls_text(cost).text);
        else
                fprintf(stream, "%*s%9s ", (int)width + 1, "", calls_text(cost).text);
        put_size(text_size((double)cost->self.size_bytes, false), " ", stream);
        put_size(text_size((double)cost->cumulative.size_bytes, false), "  ", stream);
        terminal_put_place(stream, place, width + FIGURES_COLUMNS);
        fputc('\n', stream);
        free(place);
        return 0;
}

static int put_calls_of(const struct pstats *pstats, uint32_t node, size_t width, FILE *stream) {
        const struct callgraph_edge *edge;
        char *name = name_of(pstats, node);
        size_t length, columns = terminal_columns(stream);
        uint32_t other;
        int error = 0;

        if (!name)
                return no_memory(pstats);
        length = length_of(name);
        terminal_put_place(stream, name, columns == SIZE_MAX ? 0 : columns - width + GAP_COLUMNS);
        fprintf(stream, "%*s%s ", length < width ? (int)(width - length) : 0, "",
                pstats->kind == PSTATS_CALLERS ? "<-" : "->");
        free(name);
        for (size_t i = 0; error == 0 && (edge = pstats_edge(pstats, node, i, &other)); i++)
                error = put_edge(pstats, &edge->cost, other, width, i == 0, stream);
        if (!pstats_edge(pstats, node, 0, &other))
                fputc('\n', stream);
        return error;
}

static int put_calls(const struct pstats *pstats, FILE *stream) {
        const struct calls *calls = pstats->calls;
        const char *subject = subjects[calls->graph.by];
        size_t width;
        int error = width_of(pstats, stream, &width);

        fprintf(stream, "%s %*s%s\n", subject,
                width > strlen(subject) + 1 ? (int)(width - strlen(subject) - 1) : 0, "",
                pstats->kind == PSTATS_CALLERS ? "was called by..." : "called...");
        if (calls->graph.edge_count > 0)
                fprintf(stream, "%*s    ncalls  totsize  cumsize\n", (int)width, "");
        for (size_t i = 0; error == 0 && i < calls->shown_count; i++)
                error = put_calls_of(pstats, calls->shown[i], width, stream);
        return error;
}

int pstats_text(const struct pstats *pstats, FILE *stream) {
        int error = put_heading(pstats, stream);

        if (error < 0 || pstats->calls->shown_count == 0)
                return error;
        return pstats->kind == PSTATS_FUNCTIONS ? put_functions(pstats, stream) : put_calls(pstats, stream);
}
