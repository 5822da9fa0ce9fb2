/*
 * What the lines and signs of a plot are, with their figures, in rows below it; and what makes them less than
 * the truth.
 */
#include "render/plot_parts.h"

#include "base/memo.h"
#include "base/text.h"
#include "render/render.h"
#include "render/svg.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ROW_PX 19.0
#define SAMPLE_PX 30.0

struct legend {
        const struct plot_frame *frame;
        double y; /* of the row's text */
        FILE *stream;
};

static void begin_row(struct legend *legend) {
        fputs("<g class=\"row\">", legend->stream);
}

static void put_path(const struct legend *legend, const char *attributes, unsigned color, const char *shape) {
        fprintf(legend->stream, "<path class=\"s%u\" fill=\"none\" %s d=\"M", color, attributes);
        svg_number(legend->stream, legend->frame->left);
        fputc(' ', legend->stream);
        svg_number(legend->stream, legend->y - 4);
        fprintf(legend->stream, "%s\"/>", shape);
}

static void put_line(const struct legend *legend, unsigned color, const char *width, const char *dashes) {
        char attributes[96];

        snprintf(attributes, sizeof(attributes), "stroke-width=\"%s\" stroke-dasharray=\"%s\"", width,
                 dashes);
        put_path(legend, attributes, color, "h28");
}

static void begin_text(const struct legend *legend) {
        fputs("<text", legend->stream);
        svg_attribute(legend->stream, "x", legend->frame->left + SAMPLE_PX + 6);
        svg_attribute(legend->stream, "y", legend->y);
        fputc('>', legend->stream);
}

static void end_row(struct legend *legend) {
        fputs("</text></g>\n", legend->stream);
        legend->y += ROW_PX;
}

/* A name from outside, not so long that its figures leave the picture. */
static void put_name(const struct legend *legend, const char *name) {
        plot_frame_text(legend->stream, name, SVG_FONT_PX, legend->frame->width * 0.5);
}

/* Whose memory it is. */
static void put_selected(const struct legend *legend, const struct summary *summary) {
        char *names = NULL;
        size_t length;
        FILE *stream = memo_stream(&names, &length);

        if (stream)
                render_selected(summary, stream);
        if (stream && fclose(stream) == 0)
                put_name(legend, names);
        free(names);
}

static void put_heap(struct legend *legend, const struct plot *plot, size_t number) {
        const struct chart *run = &plot->charts->items[number];
        const struct curve *curve = &run->curve;
        struct chart_peak peak = chart_peak(run);
        bool alone = plot->charts->count == 1;

        begin_row(legend);
        put_line(legend, plot_frame_color(number), "1.5", plot_frame_dashes(number));
        begin_text(legend);
        if (!alone) {
                put_name(legend, run->label);
                if (run->child)
                        fprintf(legend->stream, " (child, pid %u)", run->pid);
                fputs(": ", legend->stream);
        }
        fputs(run->summary.beyond_heap ? "live in " : "live heap", legend->stream);
        if (run->summary.beyond_heap)
                put_selected(legend, &run->summary);
        fprintf(legend->stream, ", peak %s at %s, %s at the end", text_size((double)peak.bytes, false).text,
                text_seconds(peak.time_ns).text,
                text_size((double)curve->columns[curve->count - 1].last_bytes, false).text);
        if (alone)
                fprintf(legend->stream, "; band: lowest to highest within %s",
                        text_duration((double)(curve->end_units - curve->from_units) / (double)curve->count)
                                .text);
        end_row(legend);
}

static void put_resident(struct legend *legend, const struct plot *plot, size_t number) {
        const struct chart *run = &plot->charts->items[number];
        bool alone = !run->trace;
        uint64_t peak = chart_peak_rss(run);

        if (peak == 0)
                return;
        begin_row(legend);
        put_line(legend, number == 0 && !alone ? 1 : plot_frame_color(number), alone ? "1.5" : "1.2",
                 plot_lines_rss_dashes(plot, number));
        begin_text(legend);
        if (plot->charts->count > 1) {
                put_name(legend, run->label);
                fputs(": ", legend->stream);
        }
        fprintf(legend->stream, "resident set, peak %s", text_size((double)peak, false).text);
        end_row(legend);
}

static void put_trend(struct legend *legend, size_t number, const struct chart *run) {
        if (!run->has_trend)
                return;
        begin_row(legend);
        put_line(legend, plot_frame_color(number), "1.5", "10 5");
        begin_text(legend);
        fprintf(legend->stream, "slope %s/s (95 %% confidence: %s/s to %s/s)",
                text_size(run->trend.slope, true).text, text_size(run->trend.slope_low, true).text,
                text_size(run->trend.slope_high, true).text);
        end_row(legend);
}

static void put_bands(struct legend *legend, const struct bands *bands) {
        for (size_t i = 0; i < bands->count; i++) {
                bool rest = i + 1 == bands->count;

                if (rest && bands->items[i].most_bytes == 0)
                        continue;
                begin_row(legend);
                fprintf(legend->stream, "<rect class=\"f%u\" fill-opacity=\"%s\" width=\"28\" height=\"12\"",
                        rest ? SVG_COLORS - 1 : (unsigned)(i % (SVG_COLORS - 1)),
                        rest                 ? "0.35"
                        : i < SVG_COLORS - 1 ? "0.8"
                                             : "0.5");
                svg_attribute(legend->stream, "x", legend->frame->left);
                svg_attribute(legend->stream, "y", legend->y - 10);
                fputs("/>", legend->stream);
                begin_text(legend);
                fprintf(legend->stream, "%zu  ", i + 1);
                plot_frame_text(legend->stream, bands->items[i].name, SVG_FONT_PX,
                                legend->frame->width * 0.75);
                fprintf(legend->stream, ", at most %s",
                        text_size((double)bands->items[i].most_bytes, false).text);
                end_row(legend);
        }
}

static void put_spans(struct legend *legend, const struct plot_spans *spans) {
        for (size_t i = 0; i < spans->count; i++) {
                const struct plot_span_name *name = &spans->names[i];

                begin_row(legend);
                put_path(legend, "stroke-width=\"2\"", plot_spans_color(i), "m10 -6h-4v12h4m8 0h4v-12h-4");
                begin_text(legend);
                put_name(legend, name->name);
                fprintf(legend->stream, ": %zu time%s, %s", name->count, name->count == 1 ? "" : "s",
                        text_seconds(name->time_ns).text);
                if (name->open > 0)
                        fprintf(legend->stream, "; %zu without a begin or an end", name->open);
                end_row(legend);
        }
}

static void put_note(struct legend *legend, const char *class, const char *text) {
        fprintf(legend->stream, "<text class=\"%s\"", class);
        svg_attribute(legend->stream, "x", legend->frame->left);
        svg_attribute(legend->stream, "y", legend->y);
        fputc('>', legend->stream);
        plot_frame_text(legend->stream, text, SVG_FONT_PX, legend->frame->width);
        fputs("</text>\n", legend->stream);
        legend->y += ROW_PX;
}

static void put_troubles(struct legend *legend, const struct chart *run) {
        char *text = NULL, *rest, *line;
        size_t length;
        FILE *stream = run->trace ? memo_stream(&text, &length) : NULL;

        if (!stream)
                return;
        render_troubles(&run->summary, "", stream);
        fclose(stream);
        for (rest = text; (line = strsep(&rest, "\n"));)
                if (*line)
                        put_note(legend, "warning", line);
        free(text);
}

double plot_legend_draw(const struct plot_frame *frame, const struct plot *plot,
                        const struct plot_spans *spans, double top, FILE *stream) {
        struct legend legend = { frame, top, stream };
        char left_out[80];

        fputs("<g class=\"legend\">\n", stream);
        for (size_t i = 0; i < plot->charts->count; i++) {
                const struct chart *run = &plot->charts->items[i];

                if (run->trace && !plot->bands)
                        put_heap(&legend, plot, i);
                if (!plot->bands)
                        put_resident(&legend, plot, i);
                put_trend(&legend, i, run);
        }
        if (plot->bands)
                put_bands(&legend, plot->bands);
        put_spans(&legend, spans);
        if (spans->left_out > 0) {
                snprintf(left_out, sizeof(left_out), "%zu more scopes, shorter ones, have no brackets",
                         spans->left_out);
                put_note(&legend, "faint", left_out);
        }
        for (size_t i = 0; i < plot->charts->count; i++)
                put_troubles(&legend, &plot->charts->items[i]);
        fputs("</g>\n", stream);
        return legend.y;
}
