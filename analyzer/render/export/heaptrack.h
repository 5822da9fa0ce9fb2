/*
 * The file that heaptrack writes, for heaptrack_print and its window: all allocations and frees of a run, one
 * by one.
 */
#ifndef ANALYZER_RENDER_EXPORT_HEAPTRACK_H
#define ANALYZER_RENDER_EXPORT_HEAPTRACK_H

#include "render/export/export.h"

extern const struct export_format export_heaptrack;

#endif
