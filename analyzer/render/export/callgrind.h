/*
 * The file of valgrind's callgrind, as callgrind_annotate, KCachegrind and gprof2dot read it.
 */
#ifndef ANALYZER_RENDER_EXPORT_CALLGRIND_H
#define ANALYZER_RENDER_EXPORT_CALLGRIND_H

#include "render/export/export.h"

extern const struct export_format export_callgrind;

#endif
