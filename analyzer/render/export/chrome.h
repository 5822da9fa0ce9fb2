/*
 * A file of Chrome's Trace Event format, for Perfetto and chrome://tracing: live bytes and the resident set
 * as counters, scopes as slices of their threads, marks as instants.
 */
#ifndef ANALYZER_RENDER_EXPORT_CHROME_H
#define ANALYZER_RENDER_EXPORT_CHROME_H

#include "render/export/export.h"

extern const struct export_format export_chrome;

#endif
