/*
 * speedscope's own JSON: a profile for each number, of the same frames.
 */
#ifndef ANALYZER_RENDER_EXPORT_SPEEDSCOPE_H
#define ANALYZER_RENDER_EXPORT_SPEEDSCOPE_H

#include "render/export/export.h"

extern const struct export_format export_speedscope;

#endif
