/*
 * Marks and snapshots: a dashed line each, and its name above the area where there is room for it. Names
 * stand in lanes, each in the lowest that is free; what finds none is a line alone and tells its name when
 * pointed at.
 */
#include "render/plot_parts.h"

#include "render/svg.h"

#include <math.h>

#define NAME_PX 150.0
#define GAP_PX 8.0
#define SIGN_PX 6.0
#define SIGN_ROW_PX 12.0 /* names stand above the signs of others */
#define APART_PX 0.5     /* what stands closer is one line */

struct walk {
        double lane_ends[PLOT_LANES];
        double last_x;
        unsigned lanes; /* so many are used */
};

/* Where a name stands: from *left on in its lane; PLOT_LANES: there is no room. Right of its line, or left of
 * it where the picture ends. */
static unsigned find_lane(struct walk *walk, double x, double width, double right, double *left) {
        *left = x + SIGN_PX + width > right ? x - SIGN_PX - width : x + SIGN_PX;
        for (unsigned i = 0; i < PLOT_LANES; i++) {
                if (fmin(x, *left) < walk->lane_ends[i])
                        continue;
                walk->lane_ends[i] = fmax(x, *left + width) + GAP_PX;
                if (i >= walk->lanes)
                        walk->lanes = i + 1;
                return i;
        }
        return PLOT_LANES;
}

static void put_name(double x, double y, const char *name, FILE *stream) {
        fputs("<text", stream);
        svg_attribute(stream, "x", x);
        svg_attribute(stream, "y", y);
        fputc('>', stream);
        plot_frame_text(stream, name, SVG_FONT_PX, NAME_PX);
        fputs("</text>", stream);
}

static void draw(const struct plot_frame *frame, const struct trace_mark *mark, double x, double left,
                 unsigned lane, FILE *stream) {
        double top = frame->top - (lane < PLOT_LANES ? SIGN_ROW_PX + 1 + lane * PLOT_LANE_PX : 0);

        fprintf(stream, "<g class=\"%s\"><title>", mark->snapshot ? "snapshot" : "mark");
        svg_text(stream, mark->name);
        fprintf(stream,
                "</title><path class=\"ink\" fill=\"none\" stroke-width=\"0.8\" stroke-dasharray=\"%s\" "
                "d=\"M",
                mark->snapshot ? "6 2" : "2 2");
        svg_number(stream, x);
        fputc(' ', stream);
        svg_number(stream, top);
        fputc('V', stream);
        svg_number(stream, frame->top + frame->height);
        fputs("\"/><path class=\"sign\" d=\"M", stream);
        svg_number(stream, x);
        fputc(' ', stream);
        svg_number(stream, frame->top);
        fputs(mark->snapshot ? "l4 -5l-4 -5l-4 5z\"/>" : "l4 -8h-8z\"/>", stream);
        if (lane < PLOT_LANES)
                put_name(left, frame->top - SIGN_ROW_PX - lane * PLOT_LANE_PX, mark->name, stream);
        fputs("</g>\n", stream);
}

static void take_mark(const struct plot_frame *frame, const struct chart *run, const struct trace_mark *mark,
                      struct walk *walk, FILE *stream) {
        double x, left, width = fmin(svg_text_width(mark->name, SVG_FONT_PX), NAME_PX);
        unsigned lane;

        if (mark->time_ns < run->from_ns || mark->time_ns > run->to_ns)
                return;
        x = plot_frame_run_x(frame, run, mark->time_ns);
        lane = find_lane(walk, x, width, frame->left + frame->width + 10, &left);
        if (lane == PLOT_LANES && fabs(x - walk->last_x) < APART_PX)
                return;
        walk->last_x = x;
        if (stream)
                draw(frame, mark, x, left, lane, stream);
}

/* A stream of NULL: only to see where they go. */
static struct walk take_all(const struct plot_frame *frame, const struct plot *plot, FILE *stream) {
        struct walk walk = { .last_x = -1 };

        for (size_t i = 0; i < plot->charts->count; i++) {
                const struct chart *run = &plot->charts->items[i];

                for (size_t k = 0; run->trace && k < run->trace->mark_count; k++)
                        take_mark(frame, run, &run->trace->marks[k], &walk, stream);
        }
        return walk;
}

unsigned plot_marks_lanes(const struct plot_frame *frame, const struct plot *plot) {
        return take_all(frame, plot, NULL).lanes;
}

void plot_marks_draw(const struct plot_frame *frame, const struct plot *plot, FILE *stream) {
        (void)take_all(frame, plot, stream);
}
