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

#define GAP 2 /* behind the longest name */

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

/* Behind a blank; the columns it took. */
static size_t put_size(const struct callgraph_sum *sum, FILE *stream) {
        struct size_text size = text_size((double)sum->size_bytes, false);
        int used;

        fputc(' ', stream);
        terminal_style(stream, TERMINAL_SIZE);
        used = fprintf(stream, "%8s", size.text);
        terminal_style(stream, TERMINAL_PLAIN);
        return used > 0 ? (size_t)used + 1 : 1;
}

/* In so many columns at the least; those it took. */
static size_t put_ncalls(const struct callgraph_cost *cost, int width, FILE *stream) {
        int used = fprintf(stream, "%*s", width, calls_text(cost).text);

        return used > 0 ? (size_t)used : 0;
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

        if (render_is_flawed(report->summary)) {
                error = render_summary(report->summary, stream);
                fputc('\n', stream);
        }
        fputs("         ", stream);
        terminal_style(stream, TERMINAL_HEADING);
        if (error == 0)
                error = render_what(report, stream);
        render_sum(report, stream);
        fputc(':', stream);
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

static size_t put_per_call(const struct callgraph_sum *sum, FILE *stream) {
        int used = fprintf(stream, " %8s", per_call(sum).text);

        return used > 0 ? (size_t)used : 0;
}

static int put_functions(const struct pstats *pstats, FILE *stream) {
        const struct calls *calls = pstats->calls;

        fprintf(stream, "   ncalls  totsize  percall  cumsize  percall %s\n", titles[calls->graph.by]);
        for (size_t i = 0; i < calls->shown_count; i++) {
                const struct callgraph_cost *cost = &calls->graph.nodes[calls->shown[i]].cost;
                char *place = callgraph_place(&calls->graph, calls->shown[i]);
                size_t used;

                if (!place)
                        return no_memory(pstats);
                used = put_ncalls(cost, 9, stream);
                used += put_size(&cost->self, stream);
                used += put_per_call(&cost->self, stream);
                used += put_size(&cost->cumulative, stream);
                used += put_per_call(&cost->cumulative, stream);
                fputc(' ', stream);
                terminal_put_place(stream, place, used + 1);
                fputc('\n', stream);
                free(place);
        }
        return 0;
}

/* That of the column of names, without the gap behind it. */
static int width_of(const struct pstats *pstats, FILE *stream, size_t *width) {
        size_t room = terminal_room(stream, strlen("  -> 1234567 12345678 12345678  ")), longest = 0;

        for (size_t i = 0; i < pstats->calls->shown_count; i++) {
                char *place = callgraph_place(&pstats->calls->graph, pstats->calls->shown[i]);
                size_t length = place ? terminal_length(stream, place) : 0;

                if (!place)
                        return no_memory(pstats);
                longest = length > longest ? length : longest;
                free(place);
        }
        *width = longest < room ? longest : room;
        return 0;
}

/* `before_columns` are what stands before it, on its line or on one above. */
static int put_edge(const struct pstats *pstats, const struct callgraph_cost *cost, uint32_t other,
                    size_t before_columns, FILE *stream) {
        char *place = callgraph_place(&pstats->calls->graph, other);
        size_t used = before_columns;

        if (!place)
                return no_memory(pstats);
        used += put_ncalls(cost, 7, stream);
        used += put_size(&cost->self, stream);
        used += put_size(&cost->cumulative, stream);
        fputs("  ", stream);
        terminal_put_place(stream, place, used + 2);
        fputc('\n', stream);
        free(place);
        return 0;
}

static int put_calls_of(const struct pstats *pstats, uint32_t node, size_t width, FILE *stream) {
        size_t before_columns = width + strlen("  -> ");
        const struct callgraph_edge *edge;
        char *place = callgraph_place(&pstats->calls->graph, node);
        uint32_t other;
        int error = 0;

        if (!place)
                return no_memory(pstats);
        terminal_put_column(stream, place, width);
        fputs(pstats->kind == PSTATS_CALLERS ? "  <- " : "  -> ", stream);
        free(place);
        for (size_t i = 0; error == 0 && (edge = pstats_edge(pstats, node, i, &other)); i++) {
                if (i > 0)
                        fprintf(stream, "%*s", (int)before_columns, "");
                error = put_edge(pstats, &edge->cost, other, before_columns, stream);
        }
        if (!pstats_edge(pstats, node, 0, &other))
                fputc('\n', stream);
        return error;
}

static int put_calls(const struct pstats *pstats, FILE *stream) {
        const struct calls *calls = pstats->calls;
        const char *subject = subjects[calls->graph.by];
        size_t width = 0;
        int error = width_of(pstats, stream, &width);

        if (error < 0)
                return error;
        width += GAP;
        fprintf(stream, "%s %*s%s\n", subject,
                width > strlen(subject) + 1 ? (int)(width - strlen(subject) - 1) : 0, "",
                pstats->kind == PSTATS_CALLERS ? "was called by..." : "called...");
        if (calls->graph.edge_count > 0)
                fprintf(stream, "%*s    ncalls  totsize  cumsize\n", (int)width, "");
        for (size_t i = 0; error == 0 && i < calls->shown_count; i++)
                error = put_calls_of(pstats, calls->shown[i], width - GAP, stream);
        return error;
}

int pstats_text(const struct pstats *pstats, FILE *stream) {
        int error = put_heading(pstats, stream);

        if (error < 0 || pstats->calls->shown_count == 0)
                return error;
        return pstats->kind == PSTATS_FUNCTIONS ? put_functions(pstats, stream) : put_calls(pstats, stream);
}
