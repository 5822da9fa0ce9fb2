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

/* In the order that help lists them. */
#define FORMATS(EACH)                                                                                        \
        EACH(folded)                                                                                         \
        EACH(massif)                                                                                         \
        EACH(heaptrack)                                                                                      \
        EACH(chrome)                                                                                         \
        EACH(mprof)                                                                                          \
        EACH(csv)                                                                                            \
        EACH(json)                                                                                           \
        EACH(lsan)                                                                                           \
        EACH(pprof)                                                                                          \
        EACH(speedscope)                                                                                     \
        EACH(sql)                                                                                            \
        EACH(callgrind)                                                                                      \
        EACH(gprof2dot)                                                                                      \
        EACH(dot)

#define NAME_OF(format) #format,
#define ADDRESS_OF(format) &export_##format,

const char *const export_format_names[] = { FORMATS(NAME_OF) NULL };
const struct export_format *const export_formats[] = { FORMATS(ADDRESS_OF) };
