/*
 * See plot.h: the layout, from the title down. What stands below the area is drawn into memory first, because
 * the document begins with its height.
 */
#include "render/plot.h"

#include "base/memo.h"
#include "base/message.h"
#include "base/text.h"
#include "render/plot_parts.h"
#include "render/svg.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TITLE_PX 50.0 /* two lines */
#define BELOW_PX 62.0 /* from the area to the legend: the time axis */
#define BOTTOM_PX 6.0

static const char style[] = ".sign{fill:#222}.warning{fill:#b00020;font-weight:bold}.number{fill:#000}\n"
                            ".halo{paint-order:stroke;stroke:#fff;stroke-width:3px;font-weight:bold}\n"
                            "@media (prefers-color-scheme:dark){.sign{fill:#e8e8e8}.warning{fill:#ff8a80}"
                            ".halo{stroke:#17191e}}\n";

/* "2026-11-20 11:49:37 UTC" */
static void put_start(uint64_t start_unix_ns, FILE *stream) {
        time_t seconds = (time_t)(start_unix_ns / 1000000000u);
        struct tm parts;
        char text[64];

        if (gmtime_r(&seconds, &parts) && strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &parts) > 0)
                fprintf(stream, "started %s", text);
}

/* What is drawn, where the user says nothing else. Heap; NULL: no memory. */
static char *default_title(const struct plot *plot) {
        const struct charts *charts = plot->charts;
        const char *command = charts->items[0].command;
        bool same = true;
        char *title;

        for (size_t i = 1; i < charts->count; i++)
                same = same && (charts->items[i].child || strcmp(charts->items[i].command, command) == 0);
        if (same)
                return strdup(*command ? command : charts->items[0].label);
        return asprintf(&title, "%zu runs", charts->count) < 0 ? NULL : title;
}

static void put_head(const struct plot *plot, const char *title, const struct plot_frame *frame,
                     FILE *stream) {
        const struct chart *run = plot->charts->items;

        fputs("<text class=\"big\"", stream);
        svg_attribute(stream, "x", frame->left);
        fputs(" y=\"24\">", stream);
        plot_frame_text(stream, title, 15 * 1.1, frame->width);
        fputs("</text>\n<text class=\"faint\"", stream);
        svg_attribute(stream, "x", frame->left);
        fputs(" y=\"42\">", stream);
        if (plot->charts->count > 1)
                fputs("the first ", stream);
        put_start(run->start_unix_ns, stream);
        if (run->pid > 0)
                fprintf(stream, ", pid %u", run->pid);
        fprintf(stream, ", ran %s</text>\n", text_seconds(run->last_ns).text);
}

static void put_clip(const struct plot_frame *frame, FILE *stream) {
        fputs("<clipPath id=\"area\"><rect", stream);
        svg_attribute(stream, "x", frame->left);
        svg_attribute(stream, "y", frame->top);
        svg_attribute(stream, "width", frame->width);
        svg_attribute(stream, "height", frame->height + 1);
        fputs("/></clipPath>\n", stream);
}

/* The run whose peak is the highest of all. */
static const struct chart *highest(const struct charts *charts) {
        const struct chart *found = charts->items;

        for (size_t i = 1; i < charts->count; i++)
                if (chart_peak(&charts->items[i]).bytes > chart_peak(found).bytes)
                        found = &charts->items[i];
        return found;
}

/* The area's content; its spans' names go to the legend. */
static int put_area(const struct plot *plot, const struct plot_frame *frame, struct plot_spans *spans,
                    FILE *stream) {
        const struct charts *charts = plot->charts;
        int error;

        put_clip(frame, stream);
        plot_frame_draw(frame, stream);
        if (plot->bands)
                plot_lines_bands(frame, plot, stream);
        for (size_t i = 0; i < charts->count; i++)
                plot_lines_run(frame, plot, i, stream);
        plot_marks_draw(frame, plot, stream);
        error = plot_spans_draw(frame, charts->items, spans, stream);
        plot_lines_peak(frame, highest(charts), stream);
        return error;
}

static void put_document(const struct plot *plot, const char *title, const struct plot_frame *frame,
                         const char *below, double bottom, const char *area, FILE *stream) {
        const struct svg_about about = {
                .width = plot->width,
                .height = (unsigned)(bottom + BOTTOM_PX),
                .title = title,
                .description = "Memory over time, by memtrace",
                .style = style,
        };

        svg_begin(stream, &about);
        put_head(plot, title, frame, stream);
        fputs(area, stream);
        fputs(below, stream);
        svg_end(stream);
}

/* Both parts into memory. 0 or a negative errno. */
static int put_parts(const struct plot *plot, const struct plot_frame *frame, char **area, char **below,
                     double *bottom) {
        struct plot_spans spans;
        size_t length;
        FILE *stream = memo_stream(area, &length);
        int error;

        if (!stream)
                return -errno;
        error = put_area(plot, frame, &spans, stream);
        if (fclose(stream) != 0 || error < 0)
                return error < 0 ? error : -ENOMEM;
        stream = memo_stream(below, &length);
        if (!stream)
                return -errno;
        *bottom = plot_legend_draw(frame, plot, &spans, frame->top + frame->height + BELOW_PX, stream);
        return fclose(stream) == 0 ? 0 : -ENOMEM;
}

int plot_svg(const struct plot *plot, FILE *stream) {
        struct plot_frame frame = plot_frame_make(plot, TITLE_PX);
        char *title = plot->title ? strdup(plot->title) : default_title(plot), *area = NULL, *below = NULL;
        double bottom = 0;
        int error;

        frame.top += 16 + PLOT_LANE_PX * plot_marks_lanes(&frame, plot);
        error = title ? put_parts(plot, &frame, &area, &below, &bottom) : -ENOMEM;
        if (error == 0)
                put_document(plot, title, &frame, below, bottom, area, stream);
        else
                (void)message_errno(-error, plot->charts->items[0].label, "cannot draw");
        free(title);
        free(area);
        free(below);
        return error;
}
