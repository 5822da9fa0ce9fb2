/*
 * Several traces as a table: when each was begun, how long it took, and the most it held.
 *
 * Must not: open them.
 */
#ifndef ANALYZER_RENDER_SHELF_H
#define ANALYZER_RENDER_SHELF_H

#include "aggregate/summary.h"

#include <stdio.h>

struct shelf_row {
        const char *path;
        struct summary summary;
};

/* In the order of their numbers. 0 or a negative errno already reported. */
int render_shelf_text(const struct shelf_row *rows, size_t count, FILE *stream);
int render_shelf_json(const struct shelf_row *rows, size_t count, FILE *stream);
int render_shelf_csv(const struct shelf_row *rows, size_t count, FILE *stream);

#endif
