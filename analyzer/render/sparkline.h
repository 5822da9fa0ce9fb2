/*
 * A row of numbers as a line of signs, the higher the larger: what grows is seen at a glance.
 *
 * Must not: know what the numbers are.
 */
#ifndef ANALYZER_RENDER_SPARKLINE_H
#define ANALYZER_RENDER_SPARKLINE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define SPARKLINE_COLUMNS 40u

/*
 * From the lowest to the highest: digits from 0 to 9, or blocks on a terminal that has them. Beyond
 * SPARKLINE_COLUMNS values, each sign is the lowest of several.
 */
void sparkline_put(FILE *stream, const uint64_t *values, size_t count);

#endif
