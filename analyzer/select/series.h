/*
 * Several states, each named by an operand and added up as the user asked for it, side by side. An operand is
 * TRACE[@WHEN], or @WHEN alone for another moment of the trace before it.
 *
 * Must not: print a table.
 */
#ifndef ANALYZER_SELECT_SERIES_H
#define ANALYZER_SELECT_SERIES_H

#include "aggregate/compare.h"
#include "select/grouping.h"
#include "select/selection.h"
#include "state/state.h"

struct series_point {
        const char *name; /* of the trace */
        const struct summary *summary;
        struct moment moment;
        uint64_t time_ns;
        uint64_t size_bytes, blocks; /* of all that was charged */
};

struct series {
        struct state *states; /* one for each trace: moments in a row share theirs */
        size_t state_count;
        char *path;                  /* of the last one */
        struct series_point *points; /* one for each operand */
        size_t point_count;
        struct comparison comparison;
};

/*
 * All but the result must outlive it. Where the traces are of different programs, or a glob matched nothing,
 * stderr says so. 0 or a negative errno already reported; to deinit on success alone.
 */
int series_make(char *const *operands, size_t count, const struct grouping *grouping,
                struct selection *selection, struct series *series);

void series_deinit(struct series *series);

/* The most that is held in any of the states, of which --min may be a share. */
uint64_t series_most_bytes(const struct series *series);

#endif
