/*
 * See flamegraph_frame.h. Plain functions, no state.
 */
#include "render/flamegraph_frame.h"

#include "aggregate/difference.h"
#include "base/memo.h"
#include "base/path.h"
#include "base/text.h"
#include "render/svg.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SHADES 3 /* of a family of colours */
#define STEPS 4  /* of growth, and of shrinkage */

static double share(uint64_t part, uint64_t whole) {
        return whole ? 100.0 * (double)part / (double)whole : 0;
}

const char *flamegraph_name(enum aggregate_by by, const struct symbol_frame *frame) {
        if (!frame)
                return "all";
        if (by == AGGREGATE_MODULE)
                return frame->module ? path_base(frame->module) : "<unknown>";
        if (by == AGGREGATE_FILE)
                return path_base(filter_file(frame));
        if (frame->function)
                return frame->function;
        return by == AGGREGATE_LINE ? frame->file : path_base(filter_file(frame)); /* many offsets are one */
}

/* Whose code a frame is, which is one family of colours. */
static const char *family(const struct symbol_frame *frame) {
        const char *base = frame->module ? path_base(frame->module) : "";

        if ((frame->module && charge_is_runtime_module(frame->module)) || charge_is_std(frame) ||
            (frame->function && charge_is_runtime_function(frame->function)))
                return "runtime";
        return strstr(base, ".so") ? "library" : "user";
}

/* The same name has the same colour everywhere, and neighbours mostly another. */
static unsigned shade(const char *name) {
        uint32_t hash = 2166136261u;

        for (; *name; name++)
                hash = (hash ^ (unsigned char)*name) * 16777619u;
        return (hash >> 16) % SHADES;
}

static bool has_grown(const struct flame *flame, const struct flame_frame *frame) {
        return flame_measure(flame, frame->all) > flame_measure(flame, frame->earlier);
}

static bool is_gone(const struct flame *flame, const struct flame_frame *frame) {
        return flame_measure(flame, frame->all) == 0 && flame_measure(flame, frame->earlier) > 0;
}

static void put_change_class(const struct flamegraph *graph, const struct flame_frame *frame, FILE *stream) {
        const struct flame *flame = graph->flame;
        uint64_t change = flame_change(flame, frame);
        int step = change ? (int)ceil(STEPS * (double)change / (double)flame->most_change) : 0;

        if (step == 0)
                fputs("same", stream);
        else
                fprintf(stream, "%s%d", has_grown(flame, frame) ? "more" : "less", step);
        if (is_gone(flame, frame))
                fputs(" gone", stream);
}

void flamegraph_class(const struct flamegraph *graph, const struct flame_frame *frame, FILE *stream) {
        fputs("frame ", stream);
        if (frame->left_out)
                fputs("rest", stream);
        else if (graph->difference)
                put_change_class(graph, frame, stream);
        else if (!frame->frame)
                fputs("root", stream);
        else
                fprintf(stream, "%s%u", family(frame->frame),
                        shade(flamegraph_name(graph->flame->wish.by, frame->frame)));
}

static void write_label(const struct flamegraph *graph, const struct flame_frame *frame, FILE *stream) {
        const struct flame *flame = graph->flame;
        const struct symbol_frame *named = frame->frame;

        if (frame->left_out) {
                fprintf(stream, "%" PRIu64 " more", frame->frames_left);
                return;
        }
        /* whoever sees no colours sees the sign */
        if (graph->difference && flame_change(flame, frame) > 0)
                fputs(has_grown(flame, frame) ? "+ " : "\u2212 ", stream);
        fputs(flamegraph_name(flame->wish.by, named), stream);
        if (!named)
                return;
        if (flame->wish.by == AGGREGATE_LINE && named->has_line)
                fprintf(stream, " (%s:%" PRIu32 ")", path_base(named->file), named->line);
        if (frame->inlined)
                fputs(" (inlined)", stream);
        if (named->function && named->module && flame->wish.by <= AGGREGATE_FUNCTION &&
            strcmp(family(named), "user") != 0)
                fprintf(stream, " [%s]", path_base(named->module));
}

char *flamegraph_label(const struct flamegraph *graph, const struct flame_frame *frame) {
        char *label = NULL;
        size_t bytes;
        FILE *stream = memo_stream(&label, &bytes);

        if (!stream)
                return NULL;
        write_label(graph, frame, stream);
        if (fclose(stream) == 0)
                return label;
        free(label);
        return NULL;
}

static void put_value(FILE *stream, struct compare_value value) {
        fprintf(stream, "%s in %" PRIu64 " block%s", text_size((double)value.size_bytes, false).text,
                value.count, value.count == 1 ? "" : "s");
}

static void put_place(const struct flamegraph *graph, const struct flame_frame *frame, FILE *stream) {
        const struct symbol_frame *named = frame->frame;

        if (graph->flame->wish.by != AGGREGATE_MODULE) {
                fputc('\n', stream);
                svg_text(stream, named->has_line ? named->file : filter_file(named));
                if (frame->least_line > 0 && graph->flame->wish.by != AGGREGATE_FILE)
                        fprintf(stream, ":%" PRIu32, frame->least_line);
                if (frame->most_line > frame->least_line && graph->flame->wish.by != AGGREGATE_FILE)
                        fprintf(stream, "-%" PRIu32, frame->most_line);
        }
        if (named->module) {
                fputs("\nin ", stream);
                svg_text(stream, named->module);
        }
}

static void put_change(const struct flamegraph *graph, const struct flame_frame *frame, FILE *stream) {
        fputs("\nbefore: ", stream);
        put_value(stream, frame->earlier);
        fprintf(stream, "\nchange: %s, %s%" PRIu64 " blocks",
                text_size((double)frame->all.size_bytes - (double)frame->earlier.size_bytes, true).text,
                frame->all.count < frame->earlier.count ? "-" : "+",
                difference_distance(frame->earlier.count, frame->all.count));
        if (is_gone(graph->flame, frame))
                fputs(", gone", stream);
}

/* What a pointer shows, and who cannot see the picture is told. */
void flamegraph_title(const struct flamegraph *graph, const struct flame_frame *frame, const char *label,
                      FILE *stream) {
        const struct flame *flame = graph->flame;
        const struct flame_frame *root = &flame->frames[FLAME_ROOT], *parent = &flame->frames[frame->parent];
        uint64_t held = flame_measure(flame, frame->all);

        fputs("<title>", stream);
        svg_text(stream, label);
        if (frame->left_out)
                fputs("\ntoo narrow to be shown", stream);
        if (frame->frame)
                put_place(graph, frame, stream);
        fputs("\n", stream);
        put_value(stream, frame->all);
        if (graph->difference) {
                put_change(graph, frame, stream);
        } else {
                fprintf(stream, "\n%.2f %% of all, %.2f %% of its parent",
                        share(held, flame_measure(flame, root->all)),
                        share(held, flame_measure(flame, parent->all)));
                if (!frame->left_out && frame->self.count > 0) {
                        fputs("\nitself: ", stream);
                        put_value(stream, frame->self);
                }
        }
        fputs("</title>", stream);
}

void flamegraph_data(const struct flamegraph *graph, const struct flame_frame *frame, size_t number,
                     FILE *stream) {
        const struct flame *flame = graph->flame;

        fprintf(stream,
                " id=\"f%zu\" data-parent=\"%" PRIu32 "\" data-depth=\"%" PRIu32 "\" data-size=\"%" PRIu64
                "\" data-count=\"%" PRIu64 "\"",
                number, frame->parent, frame->depth, frame->all.size_bytes, frame->all.count);
        if (frame->width != flame_measure(flame, frame->all))
                fprintf(stream, " data-width=\"%" PRIu64 "\"", frame->width);
        if (graph->difference)
                fprintf(stream, " data-earlier-size=\"%" PRIu64 "\" data-earlier-count=\"%" PRIu64 "\"",
                        frame->earlier.size_bytes, frame->earlier.count);
        if (frame->left_out)
                fprintf(stream, " data-left=\"%" PRIu64 "\"", frame->frames_left);
}
