/*
 * The one list of formats.
 */
#include "render/export/callgrind.h"
#include "render/export/chrome.h"
#include "render/export/csv.h"
#include "render/export/dot.h"
#include "render/export/export.h"
#include "render/export/folded.h"
#include "render/export/gprof2dot.h"
#include "render/export/heaptrack.h"
#include "render/export/json.h"
#include "render/export/lsan.h"
#include "render/export/massif.h"
#include "render/export/mprof.h"
#include "render/export/pprof.h"
#include "render/export/speedscope.h"
#include "render/export/sql.h"

const char *const export_format_names[] = {
        "folded", "massif",     "heaptrack", "chrome",    "mprof",     "csv", "json", "lsan",
        "pprof",  "speedscope", "sql",       "callgrind", "gprof2dot", "dot", NULL,
};
const struct export_format *const export_formats[] = {
        &export_folded, &export_massif,    &export_heaptrack, &export_chrome, &export_mprof,
        &export_csv,    &export_json,      &export_lsan,      &export_pprof,  &export_speedscope,
        &export_sql,    &export_callgrind, &export_gprof2dot, &export_dot,
};
