/*
 * The page's lists of numbers, as html.h describes them.
 *
 * Must not: know what stands around them.
 */
#ifndef ANALYZER_RENDER_HTML_COLUMNS_H
#define ANALYZER_RENDER_HTML_COLUMNS_H

#include "aggregate/timeline.h"

#include <jansson.h>
#include <stdio.h>

/*
 * Writes the members `places`, `nodes`, `rows` and `sizes`, each with a comma before it, and gives the texts
 * that they number, as a new array. Nodes that no row needs are left out. 0 or -ENOMEM.
 */
int html_columns(const struct timeline *timeline, json_t **texts, FILE *stream);

#endif
