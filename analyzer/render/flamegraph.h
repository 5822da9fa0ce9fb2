/*
 * A flame graph as SVG: a still picture wherever it is shown, and one that answers where its script runs.
 *
 * Must not: add anything up.
 */
#ifndef ANALYZER_RENDER_FLAMEGRAPH_H
#define ANALYZER_RENDER_FLAMEGRAPH_H

#include "aggregate/flame.h"

#include <stdio.h>

#define FLAMEGRAPH_WIDTH 1200u /* pixels, where the user wants no other */

struct flamegraph {
        const struct flame *flame;
        const char *title, *subtitle; /* from anywhere; what is drawn, and how much it comes to */
        unsigned width;               /* pixels */
        bool difference;              /* in colours of growth, with what was held before */
};

/* 0 or a negative errno already reported; what the stream itself refuses is the caller's to notice. */
int flamegraph_svg(const struct flamegraph *graph, FILE *stream);

/* What a frame is called in the graph. Borrowed from it. */
const char *flamegraph_name(enum aggregate_by by, const struct symbol_frame *frame);

#endif
