/*
 * See dot.h. Whoever is drawn, and by which calls, is decided before anything is written, so that the picture
 * can say what it leaves out. One thread.
 */
#include "render/export/dot.h"

#include "aggregate/callgraph.h"
#include "base/memo.h"
#include "base/message.h"
#include "base/path.h"
#include "base/text.h"
#include "render/export/dot_text.h"
#include "render/export/stacks.h"
#include "render/render.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#define THICKEST 4.0 /* pen of a call with everything under it; the thinnest is an eighth */

struct drawing {
        const struct export_wish *wish;
        FILE *stream;
        const struct aggregate *paths;
        const struct callgraph *graph;
};

static int no_memory(const struct drawing *drawing) {
        return message_errno(ENOMEM, drawing->wish->operand, "cannot draw");
}

static double share(const struct drawing *drawing, struct callgraph_sum sum) {
        const struct aggregate *all = drawing->paths;
        bool blocks = export_counts(drawing->wish);
        uint64_t part = blocks ? sum.count : sum.size_bytes, whole = blocks ? all->blocks : all->size_bytes;

        return whole > 0 ? fmin((double)part / (double)whole, 1) : 0;
}

static bool node_is_drawn(const struct drawing *drawing, uint32_t node) {
        return share(drawing, drawing->graph->nodes[node].cost.cumulative) >= drawing->wish->node_least;
}

static bool edge_is_drawn(const struct drawing *drawing, const struct callgraph_edge *edge) {
        return node_is_drawn(drawing, edge->caller) && node_is_drawn(drawing, edge->callee) &&
               share(drawing, edge->cost.cumulative) >= drawing->wish->edge_least;
}

/* From a dark blue by green and yellow to red, as temperatures are drawn: HSL's hue from 240 degrees down. */
static void colour(double share, unsigned rgb[3]) {
        const double saturation = 0.8 + 0.2 * share, lightness = 0.25 + 0.25 * share;
        const double chroma = saturation * fmin(lightness, 1 - lightness);

        for (unsigned i = 0; i < 3; i++) {
                const double sixth = fmod((i == 0 ? 0 : i == 1 ? 8 : 4) + 8 * (1 - share), 12);
                const double level = lightness - chroma * fmax(-1, fmin(fmin(sixth - 3, 9 - sixth), 1));

                rgb[i] = (unsigned)lround(255 * level);
        }
}

/* By how bright each of the three looks, black or white, whichever stands out. */
static const char *ink(const unsigned rgb[3]) {
        return 299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2] > 128000 ? "#000000" : "#ffffff";
}

static void put_sum(const struct drawing *drawing, struct callgraph_sum sum) {
        fprintf(drawing->stream, "%s in %" PRIu64 " blocks", text_size((double)sum.size_bytes, false).text,
                sum.count);
}

static int put_tooltip(const struct drawing *drawing, uint32_t node) {
        const struct callgraph_cost *cost = &drawing->graph->nodes[node].cost;
        char *place = callgraph_place(drawing->graph, node);
        int error = place ? dot_text_put(drawing->stream, place) : -ENOMEM;

        free(place);
        fputs(": ", drawing->stream);
        put_sum(drawing, cost->cumulative);
        fputs("; itself ", drawing->stream);
        put_sum(drawing, cost->self);
        return error;
}

static int put_node(const struct drawing *drawing, uint32_t node) {
        const struct callgraph_node *what = &drawing->graph->nodes[node];
        const double total = share(drawing, what->cost.cumulative), self = share(drawing, what->cost.self);
        FILE *stream = drawing->stream;
        const char *file = path_base(filter_file(what->frame));
        int error = 0;
        unsigned rgb[3];

        colour(total, rgb);
        fprintf(stream, "\tn%" PRIu32 " [label=\"", node);
        if (what->frame->function && *what->frame->function)
                error = dot_text_function(stream, what->frame->function);
        if (error == 0)
                error = dot_text_wrap(stream, file);
        fprintf(stream, "%.1f%% (%.1f%%)\\n%s, %" PRIu64 "\xc3\x97\", tooltip=\"", 100 * total, 100 * self,
                text_size((double)what->cost.cumulative.size_bytes, false).text, what->cost.cumulative.count);
        if (error == 0)
                error = put_tooltip(drawing, node);
        fprintf(stream, "\", color=\"#%02x%02x%02x\", fontcolor=\"%s\"];\n", rgb[0], rgb[1], rgb[2],
                ink(rgb));
        return error < 0 ? no_memory(drawing) : 0;
}

static void put_edge(const struct drawing *drawing, const struct callgraph_edge *edge) {
        const double part = share(drawing, edge->cost.cumulative);
        const double pen = fmax(THICKEST * part, THICKEST / 8);
        FILE *stream = drawing->stream;
        unsigned rgb[3];

        colour(part, rgb);
        fprintf(stream, "\tn%" PRIu32 " -> n%" PRIu32 " [label=\"%.1f%%\\n%" PRIu64 "\xc3\x97\", tooltip=\"",
                edge->caller, edge->callee, 100 * part, edge->cost.cumulative.count);
        put_sum(drawing, edge->cost.cumulative);
        fprintf(stream,
                "\", color=\"#%02x%02x%02x\", penwidth=\"%.2f\", arrowsize=\"%.2f\", weight=\"%ld\"];\n",
                rgb[0], rgb[1], rgb[2], pen, sqrt(pen) / 2, lround(1 + 99 * part));
}

static void put_left_out(const struct drawing *drawing) {
        const struct callgraph *graph = drawing->graph;
        size_t nodes = 0, edges = 0;

        for (uint32_t i = 0; i < graph->node_count; i++)
                nodes += !node_is_drawn(drawing, i);
        for (size_t i = 0; i < graph->edge_count; i++)
                edges += !edge_is_drawn(drawing, &graph->edges[i]);
        if (nodes > 0)
                fprintf(drawing->stream, "not drawn: %zu of %zu functions, each below %g%%\\l", nodes,
                        graph->node_count, 100 * drawing->wish->node_least);
        if (edges > 0)
                fprintf(drawing->stream, "not drawn: %zu of %zu calls, each of those or below %g%%\\l", edges,
                        graph->edge_count, 100 * drawing->wish->edge_least);
}

/* At the left. */
static int put_line(FILE *stream, const char *line) {
        int error = dot_text_put(stream, line);

        fputs("\\l", stream);
        return error;
}

static int put_lines(FILE *stream, char *text) {
        int error = 0;

        for (char *line = text, *end; error == 0 && *line; line = end) {
                for (end = line; *end && *end != '\n';)
                        end++;
                if (*end)
                        *end++ = 0;
                error = put_line(stream, line);
        }
        return error;
}

static int put_title(const struct drawing *drawing) {
        const struct state *state = drawing->wish->state;
        const struct report report = { .summary = &state->summary,
                                       .aggregate = drawing->paths,
                                       .moment = &state->moment,
                                       .time_ns = state->range.to_ns };
        char *text = NULL;
        size_t bytes;
        FILE *lines = memo_stream(&text, &bytes);
        int error;

        if (!lines)
                return no_memory(drawing);
        error = render_what(&report, lines);
        render_sum(&report, lines);
        fputc('\n', lines);
        if (render_is_flawed(report.summary))
                render_troubles(report.summary, "", lines);
        if (fclose(lines) != 0 && error == 0)
                error = no_memory(drawing);
        if (error == 0 &&
            (put_line(drawing->stream, state->summary.command) < 0 || put_lines(drawing->stream, text) < 0))
                error = no_memory(drawing);
        free(text);
        return error;
}

static int put_graph(const struct drawing *drawing) {
        static const char font[] = "fontname=\"DejaVu Sans,Verdana,Arial,sans-serif\"";
        const struct callgraph *graph = drawing->graph;
        FILE *stream = drawing->stream;
        int error;

        fprintf(stream,
                "digraph memtrace {\n\tcharset=\"UTF-8\";\n\tgraph [%s, fontsize=12, labelloc=t, "
                "labeljust=l, ranksep=0.3, nodesep=0.15, tooltip=\" \", label=\"",
                font);
        error = put_title(drawing);
        put_left_out(drawing);
        fprintf(stream,
                "\"];\n\tnode [%s, fontsize=10, shape=box, style=filled, width=0, height=0];\n"
                "\tedge [%s, fontsize=9, fontcolor=\"#333333\"];\n",
                font, font);
        for (uint32_t i = 0; error == 0 && i < graph->node_count; i++)
                if (node_is_drawn(drawing, i))
                        error = put_node(drawing, i);
        for (size_t i = 0; error == 0 && i < graph->edge_count; i++)
                if (edge_is_drawn(drawing, &graph->edges[i]))
                        put_edge(drawing, &graph->edges[i]);
        fputs("}\n", stream);
        return error;
}

static int write_dot(const struct export_wish *wish, FILE *stream) {
        const struct aggregate_wish sums = {
                .cost = wish->cost, .by = AGGREGATE_FUNCTION, .paths = true, .filter = wish->filter
        };
        struct aggregate paths;
        struct callgraph graph;
        int error = aggregate_make(&wish->state->range.more, wish->charge, &sums, &paths);

        if (error < 0)
                return error;
        error = callgraph_make(&paths, &graph);
        if (error == 0) {
                error = put_graph(&(struct drawing){ wish, stream, &paths, &graph });
                callgraph_deinit(&graph);
        }
        aggregate_deinit(&paths);
        return error;
}

const struct export_format export_dot = {
        .about = "graphviz",
        .write = write_dot,
        .one = true,
        .drawn = true,
};
