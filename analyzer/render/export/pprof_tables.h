/*
 * What samples of a pprof profile refer to: texts, functions, locations and mappings, each written when it is
 * first asked for. A profile may be written in pieces, whose lists a reader takes together.
 *
 * Must not: know stacks or what they hold.
 */
#ifndef ANALYZER_RENDER_EXPORT_PPROF_TABLES_H
#define ANALYZER_RENDER_EXPORT_PPROF_TABLES_H

#include "base/map.h"
#include "render/export/gzip.h"
#include "symbols/symbols.h"

struct pprof_used; /* by module: what is known of the places in it */
struct Pprof__Profile;

struct pprof_tables {
        const struct trace *trace;
        const struct symbols *symbols;
        struct gzip *gzip; /* borrowed */
        struct intern texts;
        struct map functions, locations;
        struct pprof_used *used;
        bool no_memory; /* something is missing */
};

/* Failure is for no_memory to tell. The caller's to deinit. */
void pprof_tables_init(struct pprof_tables *tables, const struct trace *trace, const struct symbols *symbols,
                       struct gzip *gzip);
void pprof_tables_deinit(struct pprof_tables *tables);

/* Writes a piece. */
void pprof_tables_put(struct pprof_tables *tables, const struct Pprof__Profile *piece);

/* The number of a text, which loses what a terminal would obey. */
int64_t pprof_tables_text(struct pprof_tables *tables, const char *text);

/* The id of a frame of the trace (or TRACE_NO_NUMBER), without those inlined into the one at `from`. */
uint64_t pprof_tables_location(struct pprof_tables *tables, uint32_t number,
                               const struct symbol_frames *frames, size_t from);

/* Writes all modules; once, behind all locations. */
void pprof_tables_put_mappings(struct pprof_tables *tables);

#endif
