/*
 * pprof's profiles, gzipped protobuf with the four numbers of Go's heap profiles for each stack.
 */
#ifndef ANALYZER_RENDER_EXPORT_PPROF_H
#define ANALYZER_RENDER_EXPORT_PPROF_H

#include "render/export/export.h"

extern const struct export_format export_pprof;

#endif
