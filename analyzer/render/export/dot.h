/*
 * A call graph coloured by share, as graphviz's dot draws it.
 */
#ifndef ANALYZER_RENDER_EXPORT_DOT_H
#define ANALYZER_RENDER_EXPORT_DOT_H

#include "render/export/export.h"

extern const struct export_format export_dot;

#endif
