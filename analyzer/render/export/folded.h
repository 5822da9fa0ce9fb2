/*
 * Folded stacks, "main;serve;put 4096" a line, as Brendan Gregg's flamegraph.pl and inferno read them.
 */
#ifndef ANALYZER_RENDER_EXPORT_FOLDED_H
#define ANALYZER_RENDER_EXPORT_FOLDED_H

#include "render/export/export.h"

extern const struct export_format export_folded;

#endif
