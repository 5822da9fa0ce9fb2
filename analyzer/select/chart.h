/*
 * What is drawn over time: runs, each a trace or a file of mprof's, reduced to columns, with all that stands
 * at its times.
 *
 * Must not: draw.
 */
#ifndef ANALYZER_SELECT_CHART_H
#define ANALYZER_SELECT_CHART_H

#include "aggregate/summary.h"
#include "base/trend.h"
#include "reader/mprof.h"
#include "replay/curve.h"
#include "replay/moment.h"
#include "replay/spans.h"
#include "state/domain_choice.h"

struct chart {
        char *label;            /* what it is called among others */
        char *command;          /* as one would type it; "" when unknown */
        struct trace *trace;    /* NULL: it is mprof's */
        struct summary summary; /* of a trace */
        struct mprof *mprof;    /* owned by the first chart of the file */
        bool borrows_mprof;
        bool child;                      /* of another one, which stands before it */
        uint32_t pid;                    /* 0: unknown */
        uint64_t start_unix_ns, last_ns; /* the run's */
        uint64_t from_ns, to_ns;         /* the part of it that is shown */
        uint64_t shift_ns;               /* how much later than the run's own the times of the picture are */
        struct curve curve;
        struct span *spans; /* that reach into the part */
        size_t span_count;
        struct trend trend; /* in bytes and seconds of the run's own; of live bytes, of mprof's: resident */
        bool has_trend;
};

struct chart_wish {
        struct domain_choice *domains; /* of traces */
        struct moment from, to;        /* where given */
        size_t columns;
        bool slope, wall, children;
};

struct charts {
        struct chart *items;
        size_t count, capacity;
        uint64_t from_ns, to_ns; /* that show all of them, as their shifts have it */
};

/* All of `paths`, and what else the wish takes in. 0 or a negative errno already reported; to deinit either
 * way. */
int chart_open(char *const *paths, size_t count, const struct chart_wish *wish, struct charts *charts);
void chart_close(struct charts *charts);

/* Where the highest live bytes, or resident set where there is no heap, are. */
struct chart_peak {
        uint64_t bytes, time_ns; /* of the run's own */
};
struct chart_peak chart_peak(const struct chart *chart);

/* The highest resident set of the part that is shown; 0: no sample. */
uint64_t chart_peak_rss(const struct chart *chart);

#endif
