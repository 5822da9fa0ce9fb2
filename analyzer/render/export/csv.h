/*
 * A line for each stack with all its numbers, as CSV.
 */
#ifndef ANALYZER_RENDER_EXPORT_CSV_H
#define ANALYZER_RENDER_EXPORT_CSV_H

#include "render/export/export.h"

extern const struct export_format export_csv;

#endif
