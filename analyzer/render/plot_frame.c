/*
 * See plot_frame.h.
 */
#include "render/plot_frame.h"

#include "render/svg.h"

#include <math.h>

#define LEFT_PX 84.0
#define RIGHT_PX 26.0
#define HEIGHT_PX 380.0
#define TICKS_ACROSS 9u
#define TICKS_UP 7u
#define HEADROOM 1.06 /* for the peak's label */

static double most_bytes(const struct plot *plot) {
        uint64_t most = 0;

        for (size_t i = 0; i < plot->charts->count; i++) {
                const struct chart *run = &plot->charts->items[i];
                uint64_t heap = chart_peak(run).bytes, rss = chart_peak_rss(run);

                most = heap > most ? heap : most;
                most = rss > most && !plot->bands ? rss : most;
        }
        return (double)most;
}

/* Above 0: what a logarithm can show. */
static double least_bytes(const struct plot *plot, double most) {
        double least = most;

        for (size_t i = 0; i < plot->charts->count; i++) {
                const struct curve *curve = &plot->charts->items[i].curve;

                for (size_t k = 0; k < curve->count; k++) {
                        const struct curve_column *column = &curve->columns[k];

                        if (column->low_bytes > 0 && (double)column->low_bytes < least)
                                least = (double)column->low_bytes;
                        if (column->rss_samples > 0 && column->rss_low_bytes > 0 &&
                            (double)column->rss_low_bytes < least)
                                least = (double)column->rss_low_bytes;
                }
        }
        return least < 1 ? 1 : least;
}

size_t plot_columns(unsigned width) {
        return (size_t)(width - LEFT_PX - RIGHT_PX);
}

struct plot_frame plot_frame_make(const struct plot *plot, double top) {
        double most = most_bytes(plot);
        struct plot_frame frame = {
                .left = LEFT_PX,
                .top = top,
                .width = (double)plot_columns(plot->width),
                .height = HEIGHT_PX,
                .from_ns = (double)plot->charts->from_ns,
                .to_ns = (double)plot->charts->to_ns,
                .log = plot->log,
        };

        frame.times = axis_time(frame.from_ns, frame.to_ns, TICKS_ACROSS);
        if (plot->log) {
                frame.bytes = axis_bytes_log(least_bytes(plot, most), most < 1 ? 1 : most, TICKS_UP);
                frame.low_bytes = frame.bytes.first;
                frame.high_bytes = axis_tick(&frame.bytes, frame.bytes.count - 1);
                return frame;
        }
        frame.bytes = axis_bytes(most, TICKS_UP);
        frame.high_bytes = axis_tick(&frame.bytes, frame.bytes.count - 1);
        if (frame.high_bytes < most * HEADROOM) {
                frame.high_bytes = most * HEADROOM;
        }
        return frame;
}

double plot_frame_x(const struct plot_frame *frame, double time_ns) {
        return frame->left + (time_ns - frame->from_ns) / (frame->to_ns - frame->from_ns) * frame->width;
}

double plot_frame_y(const struct plot_frame *frame, double bytes) {
        double share;

        if (frame->log)
                share = bytes <= frame->low_bytes
                                ? 0
                                : log2(bytes / frame->low_bytes) / log2(frame->high_bytes / frame->low_bytes);
        else
                share = bytes / frame->high_bytes;
        return frame->top + frame->height * (1 - share);
}

static void put_line(double x1, double y1, double x2, double y2, FILE *stream) {
        fputs("<line class=\"grid\"", stream);
        svg_attribute(stream, "x1", x1);
        svg_attribute(stream, "y1", y1);
        svg_attribute(stream, "x2", x2);
        svg_attribute(stream, "y2", y2);
        fputs("/>\n", stream);
}

static void put_text(double x, double y, const char *anchor, const char *text, FILE *stream) {
        fprintf(stream, "<text class=\"faint\" text-anchor=\"%s\"", anchor);
        svg_attribute(stream, "x", x);
        svg_attribute(stream, "y", y);
        fputc('>', stream);
        svg_text(stream, text);
        fputs("</text>\n", stream);
}

static void draw_times(const struct plot_frame *frame, FILE *stream) {
        double bottom = frame->top + frame->height;
        char title[32];

        for (unsigned i = 0; i < frame->times.count; i++) {
                double x = plot_frame_x(frame, axis_tick(&frame->times, i));

                put_line(x, frame->top, x, bottom + 4, stream);
                put_text(x, bottom + 18, "middle", axis_label(&frame->times, i).text, stream);
        }
        snprintf(title, sizeof(title), "time (%s)", frame->times.name);
        put_text(frame->left + frame->width / 2, bottom + 36, "middle", title, stream);
}

static void draw_bytes(const struct plot_frame *frame, FILE *stream) {
        double middle = frame->top + frame->height / 2;

        for (unsigned i = 0; i < frame->bytes.count; i++) {
                double tick = axis_tick(&frame->bytes, i), y = plot_frame_y(frame, tick);

                if (tick > frame->high_bytes)
                        continue;
                put_line(frame->left - 4, y, frame->left + frame->width, y, stream);
                put_text(frame->left - 8, y + 4, "end", axis_label(&frame->bytes, i).text, stream);
        }
        fputs("<text class=\"faint\" text-anchor=\"middle\" transform=\"translate(18 ", stream);
        svg_number(stream, middle);
        fprintf(stream, ") rotate(-90)\">memory%s%s%s</text>\n", frame->log ? "" : " (", frame->bytes.name,
                frame->log ? "" : ")");
}

void plot_frame_draw(const struct plot_frame *frame, FILE *stream) {
        fputs("<g stroke-width=\"1\">\n", stream);
        draw_times(frame, stream);
        draw_bytes(frame, stream);
        fputs("</g>\n", stream);
}

unsigned plot_frame_color(size_t run) {
        return run == 0 ? 0 : 2 + (unsigned)((run - 1) % (SVG_COLORS - 2));
}

const char *plot_frame_dashes(size_t run) {
        static const char *const dashes[] = { "none", "8 3", "3 3", "9 3 2 3", "14 4", "5 2 1 2 1 2", "2 4" };

        return dashes[run % (sizeof(dashes) / sizeof(*dashes))];
}

void plot_frame_text(FILE *stream, const char *text, double font_px, double width_px) {
        if (!text[svg_text_fit(text, font_px, width_px)]) {
                svg_text(stream, text);
                return;
        }
        svg_text_bytes(stream, text, svg_text_fit(text, font_px, width_px - font_px));
        fputs("\u2026", stream);
}
