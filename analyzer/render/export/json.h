/*
 * All stacks with all their numbers, as JSON that is written stack by stack.
 */
#ifndef ANALYZER_RENDER_EXPORT_JSON_H
#define ANALYZER_RENDER_EXPORT_JSON_H

#include "render/export/export.h"

extern const struct export_format export_json;

#endif
