/*
 * The file that memory_profiler's mprof writes, for mprof plot: the resident set over time, scopes as
 * functions, and the resident sets of the processes that the program started.
 */
#ifndef ANALYZER_RENDER_EXPORT_MPROF_H
#define ANALYZER_RENDER_EXPORT_MPROF_H

#include "render/export/export.h"

extern const struct export_format export_mprof;

#endif
