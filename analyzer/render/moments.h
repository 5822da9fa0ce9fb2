/*
 * The table of moments of one or more traces.
 *
 * Must not: compute.
 */
#ifndef ANALYZER_RENDER_MOMENTS_H
#define ANALYZER_RENDER_MOMENTS_H

#include "aggregate/summary.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct moments_row {
        const char *name; /* as it stands after the @ */
        const char *kind;
        uint64_t time_ns, live_bytes, live_blocks;
};

/* The moments of one trace, or the one of a saved snapshot. */
struct moments {
        const char *trace_name;
        const struct summary *domains; /* of which of them they are; nothing else is looked at */
        const struct moments_row *rows;
        size_t count;
};

/* 0 or a negative errno already reported; what the stream itself refuses is main's to notice. */
int render_moments_text(const struct moments *traces, size_t count, FILE *stream);
int render_moments_json(const struct moments *traces, size_t count, FILE *stream);
int render_moments_csv(const struct moments *traces, size_t count, FILE *stream);

#endif
