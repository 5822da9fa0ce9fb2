/*
 * What the JSON of every table of a state has in common: all of it but the entries.
 *
 * Must not: know what the entries are.
 */
#ifndef ANALYZER_RENDER_JSON_H
#define ANALYZER_RENDER_JSON_H

#include "render/render.h"

#include <jansson.h>

/* A new object: the schema, what was asked for, the process and its totals. NULL: no memory. */
json_t *render_json_head(const struct report *report, const char *schema);

/* What only a program that reports heaps of its own has, and of which of them the figures are. 0, or -1: no
 * memory. */
int render_json_domains(json_t *object, json_t *selection, const struct summary *summary);

/* The same of an object that tells of no other selection, and takes it. NULL, or for NULL: no memory. */
json_t *render_json_selected(json_t *object, const struct summary *summary);

/* What only --cost temporary selects. 0, or -1: no memory. */
int render_json_within(json_t *selection, const struct aggregate_wish *wish);

#endif
