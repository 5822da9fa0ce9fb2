/*
 * Reports as text and JSON. Text to a pipe is plain and stable; whatever comes from the trace is
 * made harmless on the way out.
 *
 * Must not: compute.
 */
#ifndef ANALYZER_RENDER_RENDER_H
#define ANALYZER_RENDER_RENDER_H

#include "aggregate/aggregate.h"
#include "aggregate/summary.h"
#include "replay/moment.h"

#include <stdio.h>

struct report {
        const char *trace_name;
        const struct summary *summary;
        const struct aggregate *aggregate;
        const struct moment *moment;
        uint64_t time_ns;
        const struct moment *from; /* NULL: not between two moments */
        uint64_t from_ns;
        const struct aggregate *less; /* what is held less than at `from`; NULL: the cost has no such thing */
        const char *cost;             /* as the option names it */
        const char *by;
        size_t limit; /* entries shown at most */
};

/* 0 or a negative errno already reported; what the stream itself refuses is main's to notice. */
int render_report_text(const struct report *report, FILE *stream);
int render_report_pretty(const struct report *report, FILE *stream);
int render_report_json(const struct report *report, FILE *stream);

/* The lines every text report begins with. */
int render_summary(const struct summary *summary, FILE *stream);

/* The five lines on stderr after `memtrace run`. */
int render_run_summary(const struct summary *summary, const char *trace_name, FILE *stream);

/* tracemalloc's statistic: "PLACE: size=%s, count=%d, average=%s", without a newline. */
int render_statistic(const struct aggregate_entry *entry, FILE *stream);

#endif
