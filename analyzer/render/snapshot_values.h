/*
 * What a saved snapshot is made of, as jansson's values, each a new reference, or NULL: no memory.
 *
 * For render/snapshot.c alone.
 */
#ifndef ANALYZER_RENDER_SNAPSHOT_VALUES_H
#define ANALYZER_RENDER_SNAPSHOT_VALUES_H

#include "state/state.h"

#include <jansson.h>

json_t *snapshot_hexadecimal(const uint8_t *bytes, size_t length_bytes);

/* The very bytes: other than a report's, which makes them harmless. NULL gives null. */
json_t *snapshot_exact_text(const char *value);

json_t *snapshot_moment(const struct state *state);
json_t *snapshot_process(const struct summary *summary);
json_t *snapshot_totals(const struct summary *summary);

/* Scopes of which one half is missing. */
json_t *snapshot_scopes(const struct summary_scopes *scopes);

/* One of the program's own heaps. */
json_t *snapshot_domain_row(uint32_t number, const struct summary_domain *domain);

/* One of those that were merged. */
json_t *snapshot_merged(const struct summary_process *process);

#endif
