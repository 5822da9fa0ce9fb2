/*
 * Calls as Python's pstats prints them, with bytes where it has seconds, and the same as JSON and CSV.
 *
 * Must not: compute.
 */
#ifndef ANALYZER_RENDER_PSTATS_H
#define ANALYZER_RENDER_PSTATS_H

#include "render/render.h"
#include "select/calls.h"

enum pstats_kind {
        PSTATS_FUNCTIONS, /* print_stats; text alone */
        PSTATS_CALLERS,   /* print_callers */
        PSTATS_CALLEES,   /* print_callees */
};

struct pstats {
        const struct report *report; /* of the calls' tally */
        const struct calls *calls;
        enum pstats_kind kind;
};

/* 0 or a negative errno already reported; what the stream itself refuses is main's to notice. */
int pstats_text(const struct pstats *pstats, FILE *stream);
int pstats_json(const struct pstats *pstats, FILE *stream);
int pstats_csv(const struct pstats *pstats, FILE *stream);

/* The `index`th edge of a node on the side that is asked for, and the node at its other end; NULL at their
 * end. */
const struct callgraph_edge *pstats_edge(const struct pstats *pstats, uint32_t node, size_t index,
                                         uint32_t *other);

#endif
