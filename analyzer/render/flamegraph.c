/*
 * See flamegraph.h. Frames are written in preorder, each as a group with its figures as data, what a pointer
 * shows as its title, a rectangle and as much of its name as fits. One thread.
 */
#include "render/flamegraph.h"

#include "base/message.h"
#include "flamegraph_js.h"
#include "render/flamegraph_frame.h"
#include "render/svg.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MARGIN 10.0
#define HEAD 52.0        /* title and subtitle */
#define ROW 18.0         /* of frames */
#define BASELINE 13.0    /* of a name in its row */
#define SAMPLE 12.0      /* of a colour */
#define TITLE_PX 17.0    /* as wide as the bold one is */
#define LETTERS_LEAST 2u /* of a name: less says nothing */
#define PAD 4.0          /* beside a name */
#define PANEL 64.0       /* legend, search, what is left out, and the frame under the pointer */
#define LINE 20.0        /* of the panel */

static const char style[] =
        ".frame rect{stroke:#fff;stroke-width:.7}.frame text{fill:#111;pointer-events:none}\n"
        ".root rect{fill:#c9c9c9}.rest rect{fill:#e3e3e3;stroke-dasharray:3 2;stroke:#999}\n"
        ".user0 rect{fill:#e69f00}.user1 rect{fill:#f0b435}.user2 rect{fill:#f7c866}\n"
        ".library0 rect{fill:#56b4e9}.library1 rect{fill:#7cc5ee}.library2 rect{fill:#a0d5f3}\n"
        ".runtime0 rect{fill:#4db89a}.runtime1 rect{fill:#73c8b0}.runtime2 rect{fill:#9ad8c7}\n"
        ".same rect{fill:#dcdcdc}.gone rect{stroke-dasharray:4 2;stroke:#111}\n"
        ".more1 rect{fill:#fddbc7}.more2 rect{fill:#f4a582}.more3 rect{fill:#e0745d}.more4 "
        "rect{fill:#b2182b}\n"
        ".less1 rect{fill:#d1e5f0}.less2 rect{fill:#92c5de}.less3 rect{fill:#5aa3cd}.less4 "
        "rect{fill:#2166ac}\n"
        ".more4 text,.less4 text{fill:#fff}\n"
        ".hidden{display:none}.hit rect{stroke:#d0c;stroke-width:2}\n"
        ".past rect{fill-opacity:.4}.miss rect{fill-opacity:.2}.past text,.miss text{fill:#333}\n"
        ".ring{fill:none;stroke:#000;stroke-width:2.5;pointer-events:none}.frame:focus{outline:none}\n"
        ".frame,.reset{cursor:pointer}.reset rect{fill:#888;fill-opacity:.25}.reset:focus rect{stroke:#888}\n"
        ".search{box-sizing:border-box;width:100%;height:100%;font:12px 'DejaVu "
        "Sans',Verdana,Arial,sans-serif}\n"
        ".search[aria-invalid]{outline:2px solid #d55e00}\n"
        "@media (prefers-color-scheme:dark){.frame rect{stroke:#17191e}.gone rect{stroke:#111}\n"
        ".rest rect{stroke:#777}.ring{stroke:#fff;filter:drop-shadow(0 0 1px #000)}\n"
        ".hit rect{stroke:#f6e}.past text,.miss text{fill:#e4e4e4}\n"
        ".search{background:#26292f;color:#e8e8e8;border:1px solid #666}}\n";

struct drawing {
        const struct flamegraph *graph;
        FILE *stream;
        double *start, *next; /* by frame, in units of width: where it begins, and its next child */
        double scale;         /* pixels of a unit */
        double top;           /* of the frames */
        double panel;         /* of the panel */
};

static double rows(const struct flame *flame) {
        return ROW * (flame->depth + 1.0);
}

/* Bytes of the text that stand in so many pixels, with an ellipsis behind them where that is not all. */
static size_t fit(const char *text, double font_px, double room) {
        size_t fits = svg_text_fit(text, font_px, room);

        return text[fits] ? svg_text_fit(text, font_px, room - font_px) : fits;
}

static void put_text(const struct drawing *drawing, const char *class, double left, double line,
                     const char *text, size_t length_bytes) {
        FILE *stream = drawing->stream;

        fputs("<text", stream);
        if (class)
                fprintf(stream, " class=\"%s\"", class);
        svg_attribute(stream, "x", left);
        svg_attribute(stream, "y", line);
        fputc('>', stream);
        svg_text_bytes(stream, text, length_bytes);
        fputs(text[length_bytes] ? "\u2026</text>" : "</text>", stream);
}

static int put_frame(const struct drawing *drawing, size_t number) {
        const struct flame *flame = drawing->graph->flame;
        const struct flame_frame *frame = &flame->frames[number];
        double left = MARGIN + drawing->scale * drawing->start[number];
        double width = drawing->scale * (double)frame->width;
        double top = drawing->top + ROW * (flame->wish.inverted ? frame->depth : flame->depth - frame->depth);
        char *label = flamegraph_label(drawing->graph, frame);
        FILE *stream = drawing->stream;
        size_t fits;

        if (!label)
                return message_errno(ENOMEM, "flamegraph", "cannot draw");
        fputs("<g class=\"", stream);
        flamegraph_class(drawing->graph, frame, stream);
        fputc('"', stream);
        flamegraph_data(drawing->graph, frame, number, stream);
        fputc('>', stream);
        flamegraph_title(drawing->graph, frame, label, stream);
        fputs("<rect", stream);
        svg_attribute(stream, "x", left);
        svg_attribute(stream, "y", top);
        svg_attribute(stream, "width", width);
        svg_attribute(stream, "height", ROW - 1);
        fputs("/>", stream);
        fits = fit(label, SVG_FONT_PX, width - 2 * PAD);
        if (fits >= LETTERS_LEAST)
                put_text(drawing, NULL, left + PAD, top + BASELINE, label, fits);
        fputs("</g>\n", stream);
        free(label);
        return 0;
}

static double put_legend_entry(const struct drawing *drawing, const char *class, const char *word,
                               double left, double line) {
        FILE *stream = drawing->stream;

        fprintf(stream, "<g class=\"%s\"><rect", class);
        svg_attribute(stream, "x", left);
        svg_attribute(stream, "y", line - SAMPLE + 2);
        svg_attribute(stream, "width", SAMPLE);
        svg_attribute(stream, "height", SAMPLE);
        fputs("/></g>", stream);
        put_text(drawing, "faint", left + SAMPLE + PAD, line, word, strlen(word));
        fputc('\n', stream);
        return left + SAMPLE + PAD + svg_text_width(word, SVG_FONT_PX) + SAMPLE;
}

static void put_legend(const struct drawing *drawing, double line) {
        static const char *const usual[][2] = { { "user0", "program" },
                                                { "library0", "library" },
                                                { "runtime0", "allocator and runtime" } };
        static const char *const change[][2] = { { "more4", "+ grown" },
                                                 { "same", "same" },
                                                 { "less4", "\u2212 shrunk" },
                                                 { "less4 gone", "gone" } };
        const char *const(*entries)[2] = drawing->graph->difference ? change : usual;
        size_t count = drawing->graph->difference ? sizeof(change) / sizeof(*change)
                                                  : sizeof(usual) / sizeof(*usual);
        double left = MARGIN;

        for (size_t i = 0; i < count; i++)
                left = put_legend_entry(drawing, entries[i][0], entries[i][1], left, line);
}

static void put_left_out(const struct drawing *drawing, double line) {
        const struct flame *flame = drawing->graph->flame;
        double all = (double)flame->frames[FLAME_ROOT].width;
        char text[80] = "";

        if (flame->frames_left > 0)
                snprintf(text, sizeof(text), "%" PRIu64 " frame%s below %.2g %% not shown",
                         flame->frames_left, flame->frames_left == 1 ? "" : "s",
                         100 * (double)flame->least_width / all);
        put_text(drawing, "faint left-out", MARGIN, line, text, strlen(text));
}

static void put_panel(const struct drawing *drawing) {
        double first = drawing->panel + LINE, second = first + LINE, third = second + LINE;
        FILE *stream = drawing->stream;

        fputs("<g class=\"panel\"", stream);
        svg_attribute(stream, "data-first", first);
        svg_attribute(stream, "data-second", second);
        fputs(">\n", stream);
        put_legend(drawing, first);
        put_left_out(drawing, second);
        put_text(drawing, "details", MARGIN, third, "", 0);
        fputs("\n</g>\n", stream);
}

static void put_head(const struct drawing *drawing) {
        const struct flamegraph *graph = drawing->graph;
        double room = graph->width - 2 * MARGIN;

        put_text(drawing, "big", MARGIN, 24, graph->title, fit(graph->title, TITLE_PX, room));
        put_text(drawing, "faint", MARGIN, 43, graph->subtitle, fit(graph->subtitle, SVG_FONT_PX, room));
        fputc('\n', drawing->stream);
}

/* Where frames begin. */
static void measure_all(struct drawing *drawing) {
        const struct flame *flame = drawing->graph->flame;

        for (size_t i = 0; i < flame->count; i++) {
                const struct flame_frame *frame = &flame->frames[i];

                if (i > 0) {
                        drawing->start[i] = drawing->next[frame->parent];
                        drawing->next[frame->parent] += (double)frame->width;
                }
                drawing->next[i] = drawing->start[i];
        }
        drawing->scale = (drawing->graph->width - 2 * MARGIN) / (double)flame->frames[FLAME_ROOT].width;
}

static int put_picture(struct drawing *drawing) {
        const struct flamegraph *graph = drawing->graph;
        const struct flame *flame = graph->flame;
        const struct svg_about about = {
                .width = graph->width,
                .height = (unsigned)(HEAD + rows(flame) + PANEL + MARGIN),
                .title = graph->title,
                .description = graph->subtitle,
                .style = style,
        };
        FILE *stream = drawing->stream;
        int error = 0;

        svg_begin(stream, &about);
        put_head(drawing);
        fprintf(stream, "<g class=\"flame\" data-unit=\"%s\" data-inverted=\"%d\">\n",
                flame->wish.by_count ? "blocks" : "bytes", flame->wish.inverted);
        fprintf(stream, "<g class=\"frames\" data-baseline=\"%.0f\">\n", BASELINE);
        for (size_t i = 0; error == 0 && i < flame->count; i++)
                error = put_frame(drawing, i);
        fputs("</g>\n", stream);
        put_panel(drawing);
        fputs("</g>\n<script><![CDATA[\n", stream);
        fputs(flamegraph_js, stream);
        fputs("]]></script>\n", stream);
        svg_end(stream);
        return error;
}

int flamegraph_svg(const struct flamegraph *graph, FILE *stream) {
        const struct flame *flame = graph->flame;
        struct drawing drawing = {
                .graph = graph,
                .stream = stream,
                .start = calloc(flame->count, sizeof(*drawing.start)),
                .next = calloc(flame->count, sizeof(*drawing.next)),
                .top = graph->flame->wish.inverted ? HEAD + PANEL : HEAD,
                .panel = graph->flame->wish.inverted ? HEAD - MARGIN : HEAD + rows(flame),
        };
        int error;

        if (drawing.start && drawing.next) {
                measure_all(&drawing);
                error = put_picture(&drawing);
        } else {
                error = message_errno(ENOMEM, "flamegraph", "cannot draw");
        }
        free(drawing.start);
        free(drawing.next);
        return error;
}
