/*
 * The curves: steps, one for each column, because what is known of a column holds for all of it.
 */
#include "render/plot_parts.h"

#include "base/text.h"
#include "render/svg.h"

#include <inttypes.h>
#include <math.h>

typedef double plot_value(const struct plot *plot, const struct curve *curve, size_t band, size_t column);

static double high(const struct plot *plot, const struct curve *curve, size_t band, size_t column) {
        (void)plot;
        (void)band;
        return (double)curve->columns[column].high_bytes;
}

static double low(const struct plot *plot, const struct curve *curve, size_t band, size_t column) {
        (void)plot;
        (void)band;
        return (double)curve->columns[column].low_bytes;
}

static double nothing(const struct plot *plot, const struct curve *curve, size_t band, size_t column) {
        (void)plot;
        (void)curve;
        (void)band;
        (void)column;
        return 0;
}

/* The top of a band: it and all below it. */
static double stacked(const struct plot *plot, const struct curve *curve, size_t band, size_t column) {
        double sum = 0;

        (void)curve;
        for (size_t i = plot->bands->count; i-- > band;)
                sum += (double)plot->bands->items[i].bytes[column];
        return sum;
}

static double column_x(const struct plot_frame *frame, const struct chart *run, size_t column) {
        return plot_frame_run_x(frame, run, curve_begin_units(&run->curve, column) * MTR_TIME_UNIT_NS);
}

static void put_step(char command, double value, FILE *stream) {
        fputc(command, stream);
        svg_number(stream, value);
}

/* Along the columns from the first on; equal ones are one step. */
static void put_forward(const struct plot_frame *frame, const struct plot *plot, const struct chart *run,
                        plot_value *value, size_t band, FILE *stream) {
        const struct curve *curve = &run->curve;
        double at = value(plot, curve, band, 0);

        put_step('M', column_x(frame, run, 0), stream);
        put_step(' ', plot_frame_y(frame, at), stream);
        for (size_t i = 1; i < curve->count; i++) {
                double next = value(plot, curve, band, i);

                if (next == at)
                        continue;
                put_step('H', column_x(frame, run, i), stream);
                put_step('V', plot_frame_y(frame, next), stream);
                at = next;
        }
        put_step('H', column_x(frame, run, curve->count), stream);
}

/* Back again, below, and closed. */
static void put_back(const struct plot_frame *frame, const struct plot *plot, const struct chart *run,
                     plot_value *value, size_t band, FILE *stream) {
        const struct curve *curve = &run->curve;
        double at = -1;

        for (size_t i = curve->count; i-- > 0;) {
                double next = value(plot, curve, band, i);

                if (next != at)
                        put_step('V', plot_frame_y(frame, next), stream);
                if (i == 0 || value(plot, curve, band, i - 1) != next)
                        put_step('H', column_x(frame, run, i), stream);
                at = next;
        }
        fputc('Z', stream);
}

static void put_area(const struct plot_frame *frame, const struct plot *plot, const struct chart *run,
                     plot_value *top, plot_value *bottom, size_t band, const char *attributes, unsigned color,
                     FILE *stream) {
        fprintf(stream, "<path class=\"f%u\" %s d=\"", color, attributes);
        put_forward(frame, plot, run, top, band, stream);
        put_back(frame, plot, run, bottom, band + 1, stream);
        fputs("\"/>\n", stream);
}

static void draw_heap(const struct plot_frame *frame, const struct plot *plot, size_t number, FILE *stream) {
        const struct chart *run = &plot->charts->items[number];
        unsigned color = plot_frame_color(number);

        if (plot->charts->count == 1) {
                put_area(frame, plot, run, low, nothing, 0, "fill-opacity=\"0.14\"", color, stream);
                put_area(frame, plot, run, high, low, 0, "fill-opacity=\"0.4\"", color, stream);
        } else {
                put_area(frame, plot, run, high, low, 0, "fill-opacity=\"0.2\"", color, stream);
        }
        fprintf(stream,
                "<path class=\"heap s%u\" fill=\"none\" stroke-width=\"1.5\" stroke-dasharray=\"%s\" d=\"",
                color, plot_frame_dashes(number));
        put_forward(frame, plot, run, high, 0, stream);
        fputs("\"/>\n", stream);
}

const char *plot_lines_rss_dashes(const struct plot *plot, size_t run) {
        if (!plot->charts->items[run].trace)
                return plot_frame_dashes(run);
        return plot->charts->count > 1 ? "1.5 2.5" : "5 2";
}

/* mprof knows nothing between two samples. */
static void put_sampled(const struct plot_frame *frame, const struct chart *run, FILE *stream) {
        const struct curve *curve = &run->curve;
        char command = 'M';

        for (size_t i = 0; i < curve->count; i++) {
                if (curve->columns[i].rss_samples == 0)
                        continue;
                put_step(command, (column_x(frame, run, i) + column_x(frame, run, i + 1)) / 2, stream);
                put_step(' ', plot_frame_y(frame, (double)curve->columns[i].rss_high_bytes), stream);
                command = 'L';
        }
}

/* A trace has no sample of what has not changed, so each holds up to the next. */
static void put_held(const struct plot_frame *frame, const struct chart *run, FILE *stream) {
        const struct curve *curve = &run->curve;
        uint64_t at = 0, held = 0;

        for (size_t i = 0; i < curve->count; i++) {
                const struct curve_column *column = &curve->columns[i];
                uint64_t next = column->rss_samples > 0 ? column->rss_high_bytes : held;

                if (column->rss_samples > 0)
                        held = column->rss_last_bytes;
                if (next == at)
                        continue;
                put_step(at == 0 ? 'M' : 'H', column_x(frame, run, i), stream);
                put_step(at == 0 ? ' ' : 'V', plot_frame_y(frame, (double)next), stream);
                at = next;
        }
        put_step('H', column_x(frame, run, curve->count), stream);
}

static void draw_resident(const struct plot_frame *frame, const struct plot *plot, size_t number,
                          FILE *stream) {
        const struct chart *run = &plot->charts->items[number];
        bool alone = !run->trace;

        fprintf(stream,
                "<path class=\"rss s%u\" fill=\"none\" stroke-width=\"%s\" stroke-dasharray=\"%s\" d=\"",
                number == 0 && !alone ? 1 : plot_frame_color(number), alone ? "1.5" : "1.2",
                plot_lines_rss_dashes(plot, number));
        if (alone)
                put_sampled(frame, run, stream);
        else
                put_held(frame, run, stream);
        fputs("\"/>\n", stream);
}

static void draw_trend(const struct plot_frame *frame, const struct chart *run, size_t number, FILE *stream) {
        double from_s = (double)run->from_ns / 1e9, to_s = (double)run->to_ns / 1e9;

        fprintf(stream, "<line class=\"trend s%u\" stroke-width=\"1.5\" stroke-dasharray=\"10 5\"",
                plot_frame_color(number));
        svg_attribute(stream, "x1", plot_frame_run_x(frame, run, run->from_ns));
        svg_attribute(stream, "y1", plot_frame_y(frame, run->trend.intercept + run->trend.slope * from_s));
        svg_attribute(stream, "x2", plot_frame_run_x(frame, run, run->to_ns));
        svg_attribute(stream, "y2", plot_frame_y(frame, run->trend.intercept + run->trend.slope * to_s));
        fputs("/>\n", stream);
}

/* What of the trace is lost: nobody knows what was there. */
static void draw_damage(const struct plot_frame *frame, const struct chart *run, FILE *stream) {
        const struct curve *curve = &run->curve;

        for (size_t i = 0, end; i < curve->count; i = end) {
                for (end = i + 1;
                     end < curve->count && curve->columns[end].damaged == curve->columns[i].damaged;)
                        end++;
                if (!curve->columns[i].damaged)
                        continue;
                fputs("<rect class=\"damage f1\" fill-opacity=\"0.2\"", stream);
                svg_attribute(stream, "x", column_x(frame, run, i));
                svg_attribute(stream, "y", frame->top);
                svg_attribute(stream, "width", column_x(frame, run, end) - column_x(frame, run, i));
                svg_attribute(stream, "height", frame->height);
                fputs("><title>a part of the trace is lost here</title></rect>\n", stream);
        }
}

static void draw_losses(const struct plot_frame *frame, const struct chart *run, FILE *stream) {
        for (size_t i = 0; i < run->curve.count; i++) {
                if (run->curve.columns[i].lost_events == 0)
                        continue;
                fputs("<path class=\"loss f1\" d=\"", stream);
                put_step('M', column_x(frame, run, i), stream);
                put_step(' ', frame->top + frame->height, stream);
                fprintf(stream,
                        "l-5 9h10z\"><title>%" PRIu64 " events were lost while tracing</title></path>\n",
                        run->curve.columns[i].lost_events);
        }
}

void plot_lines_run(const struct plot_frame *frame, const struct plot *plot, size_t number, FILE *stream) {
        const struct chart *run = &plot->charts->items[number];
        const struct curve *curve = &run->curve;
        struct chart_peak peak = chart_peak(run);

        fprintf(stream,
                "<g class=\"run\" data-columns=\"%zu\" data-peak-bytes=\"%" PRIu64
                "\" data-peak-ms=\"%" PRIu64 "\" data-peak-rss-bytes=\"%" PRIu64 "\"",
                curve->count, peak.bytes, peak.time_ns / MTR_TIME_UNIT_NS, chart_peak_rss(run));
        if (run->trace)
                fprintf(stream, " data-end-bytes=\"%" PRIu64 "\"",
                        curve->columns[curve->count - 1].last_bytes);
        if (run->has_trend)
                fprintf(stream, " data-slope=\"%.3f\" data-slope-low=\"%.3f\" data-slope-high=\"%.3f\"",
                        run->trend.slope, run->trend.slope_low, run->trend.slope_high);
        fputs("><title>", stream);
        svg_text(stream, run->label);
        fputs("</title>\n<g clip-path=\"url(#area)\">\n", stream);
        draw_damage(frame, run, stream);
        if (run->trace && !plot->bands)
                draw_heap(frame, plot, number, stream);
        if (chart_peak_rss(run) > 0 && !plot->bands)
                draw_resident(frame, plot, number, stream);
        if (run->has_trend)
                draw_trend(frame, run, number, stream);
        fputs("</g>\n", stream);
        draw_losses(frame, run, stream);
        fputs("</g>\n", stream);
}

/* A part of a band over which something that high can stand: columns, and what they have in common. */
struct room {
        size_t first, end;
        double top, bottom;
};

/* The widest one, by greed: a part begins where the one before it ends. Of no columns: there is none. */
static struct room find_room(const struct plot_frame *frame, const struct plot *plot, size_t band,
                             double height) {
        const struct curve *curve = &plot->charts->items->curve;
        struct room best = { 0 }, now = { 0 };

        for (size_t i = 0; i < curve->count; i++) {
                double top = plot_frame_y(frame, stacked(plot, curve, band, i));
                double bottom = plot_frame_y(frame, stacked(plot, curve, band + 1, i));

                if (now.end == i && fmin(now.bottom, bottom) - fmax(now.top, top) >= height)
                        now = (struct room){ now.first, i + 1, fmax(now.top, top), fmin(now.bottom, bottom) };
                else if (bottom - top >= height)
                        now = (struct room){ i, i + 1, top, bottom };
                if (now.end - now.first > best.end - best.first)
                        best = now;
        }
        return best;
}

/* The number of a band amid the longest part of it in which there is room. */
static void put_number(const struct plot_frame *frame, const struct plot *plot, size_t band, FILE *stream) {
        const struct chart *run = plot->charts->items;
        struct room room = find_room(frame, plot, band, 14);

        if (room.end == 0)
                return;
        fputs("<text class=\"number\" text-anchor=\"middle\"", stream);
        svg_attribute(stream, "x", (column_x(frame, run, room.first) + column_x(frame, run, room.end)) / 2);
        svg_attribute(stream, "y", (room.top + room.bottom) / 2 + 4);
        fprintf(stream, ">%zu</text>\n", band + 1);
}

void plot_lines_bands(const struct plot_frame *frame, const struct plot *plot, FILE *stream) {
        const struct chart *run = plot->charts->items;
        size_t count = plot->bands->count;

        fputs("<g class=\"bands\" clip-path=\"url(#area)\">\n", stream);
        for (size_t i = 0; i < count; i++) {
                char attributes[96];

                snprintf(attributes, sizeof(attributes),
                         "fill-opacity=\"%s\" data-band=\"%zu\" data-most-bytes=\"%" PRIu64 "\"",
                         i + 1 == count       ? "0.35"
                         : i < SVG_COLORS - 1 ? "0.8"
                                              : "0.65",
                         i + 1, plot->bands->items[i].most_bytes);
                put_area(frame, plot, run, stacked, stacked, i, attributes,
                         i + 1 == count ? SVG_COLORS - 1 : (unsigned)(i % (SVG_COLORS - 1)), stream);
        }
        for (size_t i = 0; i < count; i++)
                put_number(frame, plot, i, stream);
        fputs("<path class=\"heap ink\" fill=\"none\" stroke-width=\"1\" d=\"", stream);
        put_forward(frame, plot, run, high, 0, stream);
        fputs("\"/>\n</g>\n", stream);
}

void plot_lines_peak(const struct plot_frame *frame, const struct chart *run, FILE *stream) {
        struct chart_peak peak = chart_peak(run);
        double x = plot_frame_run_x(frame, run, peak.time_ns), y = plot_frame_y(frame, (double)peak.bytes);
        double right = frame->left + frame->width;
        bool leftwards = x > frame->left + frame->width * 0.6;

        fputs("<g class=\"peak\"><path class=\"ink\" fill=\"none\" stroke-width=\"1\" stroke-dasharray=\"4 "
              "4\" d=\"",
              stream);
        put_step('M', frame->left, stream);
        put_step(' ', y, stream);
        put_step('H', right, stream);
        put_step('M', x, stream);
        put_step(' ', frame->top, stream);
        put_step('V', frame->top + frame->height, stream);
        fprintf(stream, "\"/>\n<text class=\"halo\" text-anchor=\"%s\"", leftwards ? "end" : "start");
        svg_attribute(stream, "x", leftwards ? x - 6 : x + 6);
        svg_attribute(stream, "y", y - 5);
        fprintf(stream, ">peak %s at %s</text></g>\n", text_size((double)peak.bytes, false).text,
                text_seconds(peak.time_ns).text);
}
