/*
 * What is written of one frame of a flame graph: what it is called, the class that colours it, its figures.
 *
 * Must not: know where it stands.
 */
#ifndef ANALYZER_RENDER_FLAMEGRAPH_FRAME_H
#define ANALYZER_RENDER_FLAMEGRAPH_FRAME_H

#include "render/flamegraph.h"

/* With the sign of its change, and what says whose code it is. Heap; NULL: no memory. */
char *flamegraph_label(const struct flamegraph *graph, const struct flame_frame *frame);

/* The classes of its group. */
void flamegraph_class(const struct flamegraph *graph, const struct flame_frame *frame, FILE *stream);

/* ` id="fNUMBER"` and its figures, as attributes. */
void flamegraph_data(const struct flamegraph *graph, const struct flame_frame *frame, size_t number,
                     FILE *stream);

/* What a pointer shows, and who cannot see the picture is told. */
void flamegraph_title(const struct flamegraph *graph, const struct flame_frame *frame, const char *label,
                      FILE *stream);

#endif
