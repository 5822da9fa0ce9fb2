/*
 * Brackets, as mprof has them: where a named part begins and where it ends, at the height of the curve. The
 * names that took the most time have a colour and a row of the legend; of their parts the longest are drawn.
 */
#include "render/plot_parts.h"

#include "base/intern.h"
#include "render/svg.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ARM_PX 4.0
#define HALF_PX 9.0

struct tally {
        struct intern texts;
        struct plot_span_name *names;
        uint32_t *name_of; /* by span */
        size_t *order;     /* spans, the longest first */
        const struct chart *run;
};

/* What of it is in the part that is shown; an open end reaches over its edge. */
static uint64_t shown_ns(const struct chart *run, const struct span *span) {
        uint64_t from = span->begin_ns < run->from_ns ? run->from_ns : span->begin_ns;
        uint64_t to = span->end_ns > run->to_ns ? run->to_ns : span->end_ns;

        return to > from ? to - from : 0;
}

static void count_span(struct tally *tally, const struct span *span, uint32_t number) {
        struct plot_span_name *name = &tally->names[number];

        if (name->count++ == 0)
                name->name = span->name;
        if (!span->has_begin || !span->has_end)
                name->open++;
        else
                name->time_ns += span->end_ns - span->begin_ns;
        name->longest_ns += shown_ns(tally->run, span);
}

static int by_time(const void *left, const void *right) {
        const struct plot_span_name *one = left, *other = right;

        if (one->longest_ns != other->longest_ns)
                return one->longest_ns < other->longest_ns ? 1 : -1;
        return strcmp(one->name, other->name);
}

static int by_length(const void *left, const void *right, void *context) {
        const struct tally *tally = context;
        size_t one = *(const size_t *)left, other = *(const size_t *)right;
        uint64_t one_ns = shown_ns(tally->run, &tally->run->spans[one]);
        uint64_t other_ns = shown_ns(tally->run, &tally->run->spans[other]);

        if (one_ns != other_ns)
                return one_ns < other_ns ? 1 : -1;
        return one < other ? -1 : one > other;
}

static int count_all(struct tally *tally) {
        const struct chart *run = tally->run;

        for (size_t i = 0; i < run->span_count; i++) {
                if (intern_text(&tally->texts, run->spans[i].name, &tally->name_of[i]) < 0)
                        return -ENOMEM;
                count_span(tally, &run->spans[i], tally->name_of[i]);
                tally->order[i] = i;
        }
        return 0;
}

static double height(const struct plot_frame *frame, const struct chart *run, uint64_t time_ns) {
        size_t column = curve_column_at(&run->curve, time_ns / MTR_TIME_UNIT_NS);
        const struct curve_column *at = &run->curve.columns[column == SIZE_MAX ? 0 : column];

        /* of mprof's samples the one before is the nearest that is known */
        while (!run->trace && at->rss_samples == 0 && at > run->curve.columns)
                at--;
        return plot_frame_y(frame, (double)(run->trace ? at->high_bytes : at->rss_high_bytes));
}

static void put_bracket(double x, double y, double arm, FILE *stream) {
        fputc('M', stream);
        svg_number(stream, x + arm);
        fputc(' ', stream);
        svg_number(stream, y - HALF_PX);
        fputc('h', stream);
        svg_number(stream, -arm);
        fprintf(stream, "v%gh", 2 * HALF_PX);
        svg_number(stream, arm);
}

/* A dotted line to the edge that it goes beyond. */
static void put_open(const struct plot_frame *frame, double x, double edge, double y, unsigned color,
                     FILE *stream) {
        fprintf(stream, "<path class=\"s%u\" fill=\"none\" stroke-dasharray=\"1 3\" d=\"M", color);
        svg_number(stream, x);
        fputc(' ', stream);
        svg_number(stream, y);
        fputc('H', stream);
        svg_number(stream, edge);
        fputs("\"/>", stream);
        (void)frame;
}

static void draw(const struct plot_frame *frame, const struct chart *run, const struct span *span,
                 unsigned color, FILE *stream) {
        bool begins = span->has_begin && span->begin_ns >= run->from_ns;
        bool ends = span->has_end && span->end_ns <= run->to_ns;
        uint64_t from_ns = begins ? span->begin_ns : run->from_ns, to_ns = ends ? span->end_ns : run->to_ns;
        double from = plot_frame_run_x(frame, run, from_ns), to = plot_frame_run_x(frame, run, to_ns);

        fputs("<g class=\"scope\"><title>", stream);
        svg_text(stream, span->name);
        fprintf(stream, "</title><path class=\"s%u\" fill=\"none\" stroke-width=\"2\" d=\"", color);
        if (begins)
                put_bracket(from, height(frame, run, from_ns), ARM_PX, stream);
        if (ends)
                put_bracket(to, height(frame, run, to_ns), -ARM_PX, stream);
        fputs("\"/>", stream);
        if (begins && !ends)
                put_open(frame, from, to, height(frame, run, from_ns), color, stream);
        if (ends && !begins)
                put_open(frame, to, from, height(frame, run, to_ns), color, stream);
        fputs("</g>\n", stream);
}

unsigned plot_spans_color(size_t name) {
        return 2 + (unsigned)(name % (SVG_COLORS - 2));
}

static size_t find_name(const struct plot_spans *spans, const char *name) {
        size_t i = 0;

        while (i < spans->count && strcmp(spans->names[i].name, name) != 0)
                i++;
        return i;
}

static void draw_all(const struct plot_frame *frame, struct tally *tally, struct plot_spans *spans,
                     FILE *stream) {
        const struct chart *run = tally->run;
        size_t drawn = 0;

        qsort(tally->names, tally->texts.count, sizeof(*tally->names), by_time);
        spans->count = tally->texts.count < PLOT_SPAN_NAMES ? tally->texts.count : PLOT_SPAN_NAMES;
        memcpy(spans->names, tally->names, spans->count * sizeof(*spans->names));
        qsort_r(tally->order, run->span_count, sizeof(*tally->order), by_length, tally);
        for (size_t i = 0; i < run->span_count && drawn < PLOT_SPANS; i++) {
                const struct span *span = &run->spans[tally->order[i]];
                size_t name = find_name(spans, span->name);

                if (name == spans->count)
                        continue;
                draw(frame, run, span, plot_spans_color(name), stream);
                drawn++;
        }
        spans->left_out = run->span_count - drawn;
}

int plot_spans_draw(const struct plot_frame *frame, const struct chart *run, struct plot_spans *spans,
                    FILE *stream) {
        struct tally tally = {
                .names = calloc(run->span_count + 1, sizeof(*tally.names)),
                .name_of = calloc(run->span_count + 1, sizeof(*tally.name_of)),
                .order = calloc(run->span_count + 1, sizeof(*tally.order)),
                .run = run,
        };
        int error = tally.names && tally.name_of && tally.order ? count_all(&tally) : -ENOMEM;

        *spans = (struct plot_spans){ 0 };
        if (error == 0)
                draw_all(frame, &tally, spans, stream);
        intern_deinit(&tally.texts);
        free(tally.names);
        free(tally.name_of);
        free(tally.order);
        return error;
}
