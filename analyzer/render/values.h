/*
 * What every JSON of ours is made of, as jansson's values: names that are not UTF-8 are escaped first,
 * numbers beyond what JSON readers take are capped. Each is a new reference, or NULL: no memory.
 *
 * Must not: know what it stands in.
 */
#ifndef ANALYZER_RENDER_VALUES_H
#define ANALYZER_RENDER_VALUES_H

#include "aggregate/summary.h"

#include <jansson.h>
#include <stdint.h>

/* The largest whole number of JSON readers, or less. */
static inline uint64_t values_capped(uint64_t value) {
        return value > INT64_MAX ? INT64_MAX : value;
}

json_t *values_number(uint64_t value);

/* By how much the later is more; negative where it is less. */
json_t *values_change(uint64_t earlier, uint64_t later);

/* In whole milliseconds, as texts show them, so that the same trace gives the same bytes everywhere. */
json_t *values_seconds(uint64_t time_ns);

/* NULL gives null. */
json_t *values_text(const char *value);

/* Who ran, when, and how it ended. */
json_t *values_process(const struct summary *summary);

json_t *values_totals(const struct summary *summary);

#endif
