/*
 * Memory over time as a picture, and as the numbers that it is drawn from.
 *
 * What it shows can be read back: each run is a group with its figures in data- attributes, and its lines are
 * steps, one for each column, at most a hundredth of a pixel from the numbers.
 *
 * Must not: open anything.
 */
#ifndef ANALYZER_RENDER_PLOT_H
#define ANALYZER_RENDER_PLOT_H

#include "select/bands.h"
#include "select/chart.h"

#include <stdbool.h>
#include <stdio.h>

#define PLOT_WIDTH 1010u /* pixels, where nothing else is asked for */

struct plot {
        const struct charts *charts;
        const struct bands *bands; /* NULL: none; of the only run */
        const char *title;         /* NULL: the command */
        unsigned width;            /* pixels */
        bool log;
};

/* How many columns a picture of that width shows: one for each pixel of its area. */
size_t plot_columns(unsigned width);

/* 0 or a negative errno already reported; what the stream refuses is the caller's to notice. */
int plot_svg(const struct plot *plot, FILE *stream);
int plot_json(const struct plot *plot, FILE *stream);
int plot_csv(const struct plot *plot, FILE *stream);

#endif
