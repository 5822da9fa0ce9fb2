/*
 * How long the blocks of places lived, as a table, as JSON and as CSV.
 *
 * Must not: compute.
 */
#ifndef ANALYZER_RENDER_AGES_H
#define ANALYZER_RENDER_AGES_H

#include "aggregate/lifespans.h"
#include "render/render.h"

#include <jansson.h>

struct ages {
        const struct report *report; /* of the lifespans' aggregate */
        const struct lifespans *lifespans;
};

/* 0 or a negative errno already reported; what the stream itself refuses is main's to notice. */
int ages_text(const struct ages *ages, FILE *stream);
int ages_json(const struct ages *ages, FILE *stream);
int ages_csv(const struct ages *ages, FILE *stream);

/* Of the JSON, an entry, and what became of blocks. New objects; NULL: no memory. */
json_t *ages_json_entry(const struct ages *ages, const struct aggregate_entry *entry);
json_t *ages_json_span(const struct lifespan *span);

#endif
