/*
 * The one list of formats.
 */
#include "render/export/export.h"
#include "render/export/folded.h"
#include "render/export/massif.h"

const char *const export_format_names[] = { "folded", "massif", NULL };
const struct export_format *const export_formats[] = { &export_folded, &export_massif };
