/*
 * What every JSON of ours is made of, as jansson's values: names that are not UTF-8 are escaped first,
 * numbers beyond what JSON readers take are capped. Each is a new reference, or NULL: no memory.
 *
 * Must not: know what it stands in.
 */
#ifndef ANALYZER_RENDER_VALUES_H
#define ANALYZER_RENDER_VALUES_H

#include "aggregate/summary.h"
#include "symbols/symbols.h"

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

/* How they are written, for json_dump: in order, and the same everywhere. */
#define VALUES_FORM (JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(15))

/* The largest whole number of JSON readers, or less. */
static inline uint64_t values_capped(uint64_t value) {
        return value > INT64_MAX ? INT64_MAX : value;
}

/* Writes a value and releases it; NULL is no memory. 0, or -ENOMEM, not reported: what the stream itself
 * refuses is its owner's to notice. `flags` as for json_dump. */
int values_put(json_t *value, size_t flags, FILE *stream);

json_t *values_number(uint64_t value);

/* By how much the later is more; negative where it is less. */
json_t *values_change(uint64_t earlier, uint64_t later);

/* NaN and infinities, for which JSON has no words, give null. */
json_t *values_real(double value);

/* In whole milliseconds, as texts show them, so that the same trace gives the same bytes everywhere. */
json_t *values_seconds(uint64_t time_ns);

/* NULL gives null. */
json_t *values_text(const char *value);

/* A frame: file, line (null where it has none), function, module. */
json_t *values_frame(const struct symbol_frame *frame);

/* Who ran, when, and how it ended. */
json_t *values_process(const struct summary *summary);

json_t *values_totals(const struct summary *summary);

/* One of the program's own heaps. */
json_t *values_domain(const struct summary_domain *domain);

/* All of them, of a summary that has any. */
json_t *values_domains(const struct summary *summary);

/* The names of those that the summary's figures are of. */
json_t *values_taken(const struct summary *summary);

/* One of the processes that were merged: who, and what it came to. */
json_t *values_merged(const struct summary_process *process);

#endif
