/*
 * What changed between two states, and what grew over several, as text, JSON and CSV.
 *
 * Must not: compute.
 */
#ifndef ANALYZER_RENDER_DIFFERENCE_H
#define ANALYZER_RENDER_DIFFERENCE_H

#include "aggregate/difference.h"
#include "aggregate/growth.h"
#include "render/render.h"
#include "select/series.h"

struct difference_report {
        const struct series *series;           /* of two states */
        const struct differences *differences; /* of these */
        struct report table;                   /* how places are shown; least_bytes is of changes */
        bool with_same;                        /* show what did not change, too */
};

struct growth_report {
        const struct series *series;
        const struct growths *growths;
        struct report table; /* how places are shown; least_bytes is of growth */
};

/* 0 or a negative errno already reported; what the stream itself refuses is main's to notice. */
int difference_text(const struct difference_report *report, FILE *stream);
int difference_pretty(const struct difference_report *report, FILE *stream);
int difference_json(const struct difference_report *report, FILE *stream);
int difference_csv(const struct difference_report *report, FILE *stream);
int growth_text(const struct growth_report *report, FILE *stream);
int growth_json(const struct growth_report *report, FILE *stream);
int growth_csv(const struct growth_report *report, FILE *stream);

/* For the files of these alone: the entries that are shown; a walk begins with all zero, NULL ends it. */
const struct difference *difference_next(const struct difference_report *report, struct render_walk *walk);
const struct growth *growth_next(const struct growth_report *report, struct render_walk *walk);

/* "+4" */
struct size_text difference_signed(uint64_t earlier, uint64_t later);
/* "+4.0 KiB" */
struct size_text difference_signed_size(uint64_t earlier, uint64_t later);

/*
 * A line for each state, "NAME at the peak (1.234 s), 10 KiB in 4 blocks", and what makes them less than the
 * truth. 0 or a negative errno already reported.
 */
int difference_points(const struct series *series, FILE *stream);

#endif
