/*
 * The places that hold most, each with what it holds in every column of a curve, at the instant of the
 * column's highest live bytes: so together with the rest they come to exactly that.
 *
 * Must not: draw.
 */
#ifndef ANALYZER_SELECT_BANDS_H
#define ANALYZER_SELECT_BANDS_H

#include "select/chart.h"
#include "select/grouping.h"
#include "select/selection.h"

struct band {
        char *name;
        uint64_t *bytes; /* by column */
        uint64_t most_bytes;
};

struct bands {
        struct band *items; /* by their most, and last what is left of the curve */
        size_t count;
};

/*
 * `wanted` places at most, of a trace's chart, by what they hold where they hold most. 0 or a negative
 * errno already reported; to deinit on success alone.
 */
int bands_make(const struct chart *chart, const struct grouping *grouping, struct selection *selection,
               size_t wanted, struct bands *bands);
void bands_deinit(struct bands *bands);

#endif
