/*
 * The JSON that gprof2dot --format json reads.
 */
#ifndef ANALYZER_RENDER_EXPORT_GPROF2DOT_H
#define ANALYZER_RENDER_EXPORT_GPROF2DOT_H

#include "render/export/export.h"

extern const struct export_format export_gprof2dot;

#endif
