/*
 * What is drawn into a plot's frame, in the order from back to front. For render/plot*.c alone.
 *
 * Must not: lay the picture out.
 */
#ifndef ANALYZER_RENDER_PLOT_PARTS_H
#define ANALYZER_RENDER_PLOT_PARTS_H

#include "render/plot_frame.h"

#include <stddef.h>

/* plot_lines.c: a run's heap, resident set and trend, or the bands of the only one. */
void plot_lines_run(const struct plot_frame *frame, const struct plot *plot, size_t run, FILE *stream);
const char *plot_lines_rss_dashes(const struct plot *plot, size_t run);
void plot_lines_bands(const struct plot_frame *frame, const struct plot *plot, FILE *stream);
void plot_lines_peak(const struct plot_frame *frame, const struct chart *run, FILE *stream);

/* plot_marks.c: names above the area, in as many lanes as it takes up to a few. */
#define PLOT_LANES 3u
#define PLOT_LANE_PX 15.0
unsigned plot_marks_lanes(const struct plot_frame *frame, const struct plot *plot);
void plot_marks_draw(const struct plot_frame *frame, const struct plot *plot, FILE *stream);

/* plot_spans.c: brackets around the parts that the program named. */
#define PLOT_SPANS 100u     /* the longest of a run */
#define PLOT_SPAN_NAMES 12u /* with a colour and a row of the legend */
struct plot_span_name {
        const char *name;
        size_t count, open; /* how many; of them without a begin or an end */
        uint64_t time_ns;   /* of those that have both */
        uint64_t longest_ns;
};
struct plot_spans {
        struct plot_span_name names[PLOT_SPAN_NAMES]; /* by their time */
        size_t count;
        size_t left_out; /* spans that are not drawn */
};
/* 0, or -ENOMEM, which is not reported. */
int plot_spans_draw(const struct plot_frame *frame, const struct chart *run, struct plot_spans *spans,
                    FILE *stream);
unsigned plot_spans_color(size_t name);

/* plot_legend.c: its rows from `top` down; returns where they end. */
double plot_legend_draw(const struct plot_frame *frame, const struct plot *plot,
                        const struct plot_spans *spans, double top, FILE *stream);

#endif
