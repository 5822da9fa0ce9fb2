/*
 * The file that valgrind's massif writes, for ms_print, massif-visualizer and heaptrack: the heap at up to a
 * hundred instants, the peak among them, some with who holds it.
 */
#ifndef ANALYZER_RENDER_EXPORT_MASSIF_H
#define ANALYZER_RENDER_EXPORT_MASSIF_H

#include "render/export/export.h"

extern const struct export_format export_massif;

#endif
