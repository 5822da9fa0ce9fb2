/*
 * An entry of a table as JSON and as CSV: its place, size, count and average. A table may add members and
 * columns of its own behind them.
 *
 * Must not: know which entries are shown.
 */
#ifndef ANALYZER_RENDER_ROWS_H
#define ANALYZER_RENDER_ROWS_H

#include "render/render.h"

#include <jansson.h>

/* A new object; NULL: no memory. */
json_t *rows_json(const struct report *report, const struct aggregate_entry *entry);

/* Its place alone, where there are other sums behind it: an object of four, and four fields with a comma
 * behind each. */
json_t *rows_json_place(const struct aggregate_entry *entry);
int rows_csv_place(const struct aggregate_entry *entry, FILE *stream);

/* Takes both references, of which either may be NULL: the first with the second's members, or NULL: no
 * memory. */
json_t *rows_json_more(json_t *made, json_t *more);

/* The columns' names and an entry's fields, without the line's end. 0 or a negative errno already reported.
 */
void rows_csv_names(const struct report *report, FILE *stream);
int rows_csv(const struct report *report, const struct aggregate_entry *entry, FILE *stream);

/* A line for a table without any, of no place and size 0, to stand before what a table adds. */
void rows_csv_nothing(const struct report *report, FILE *stream);

#endif
