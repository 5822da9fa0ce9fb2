/*
 * What is held, as the text that LeakSanitizer writes of leaks at a program's end.
 */
#ifndef ANALYZER_RENDER_EXPORT_LSAN_H
#define ANALYZER_RENDER_EXPORT_LSAN_H

#include "render/export/export.h"

extern const struct export_format export_lsan;

#endif
