/*
 * Where a plot's times and bytes lie on the picture, and what all of its parts share. For render/plot*.c
 * alone.
 *
 * Must not: know what is drawn into it.
 */
#ifndef ANALYZER_RENDER_PLOT_FRAME_H
#define ANALYZER_RENDER_PLOT_FRAME_H

#include "render/axis.h"
#include "render/plot.h"

struct plot_frame {
        double left, top, width, height; /* of the area */
        double from_ns, to_ns;
        double low_bytes, high_bytes; /* bottom and top; 0 at the bottom unless log */
        bool log;
        struct axis times, bytes;
};

/* The axes and the area for that plot; `top` is the area's. */
struct plot_frame plot_frame_make(const struct plot *plot, double top);

double plot_frame_x(const struct plot_frame *frame, double time_ns);
double plot_frame_y(const struct plot_frame *frame, double bytes);

/* Grid, ticks and their labels. */
void plot_frame_draw(const struct plot_frame *frame, FILE *stream);

/* A time of a run on the picture. */
static inline double plot_frame_run_x(const struct plot_frame *frame, const struct chart *run,
                                      uint64_t time_ns) {
        return plot_frame_x(frame, (double)time_ns + (double)run->shift_ns);
}

/* Text from anywhere that must not stand wider than that: cut, with an ellipsis behind it. */
void plot_frame_text(FILE *stream, const char *text, double font_px, double width_px);

/* Two runs that share a colour differ by their dashes: neither tells them apart alone. */
unsigned plot_frame_color(size_t run);
const char *plot_frame_dashes(size_t run);

#endif
