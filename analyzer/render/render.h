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
#include "base/text.h"
#include "replay/moment.h"
#include "symbols/sources.h"

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
        uint64_t least_bytes;         /* entries below are not shown */
        size_t limit;                 /* entries shown at most */
        size_t frame_limit;           /* of a traceback, the most recent */
        bool most_recent_first;       /* in tracebacks */
        struct sources *sources;      /* NULL: no source lines */
};

/* 0 or a negative errno already reported; what the stream itself refuses is main's to notice. */
int render_report_text(const struct report *report, FILE *stream);
int render_report_pretty(const struct report *report, FILE *stream);
int render_report_json(const struct report *report, FILE *stream);
int render_report_csv(const struct report *report, FILE *stream);

/* Whether figures may not be all there is, so that even a bare table begins with the summary. */
bool render_is_flawed(const struct summary *summary);

/* The lines every text report begins with. */
int render_summary(const struct summary *summary, FILE *stream);

/* The names of the domains that its figures are of. */
void render_selected(const struct summary *summary, FILE *stream);

/* What makes the figures less than the truth, if anything: a line each. */
void render_troubles(const struct summary *summary, const char *indent, FILE *stream);

/* What is compared, and when: "live bytes at the peak (1.234 s)". 0 or a negative errno already reported. */
int render_what(const struct report *report, FILE *stream);

/* What a person calls the cost: "live bytes". */
void render_cost(const struct aggregate_wish *wish, FILE *stream);

/* A moment and its time: "the peak (1.234 s)". 0 or a negative errno already reported. */
int render_moment(const struct moment *moment, uint64_t time_ns, FILE *stream);

/* An entry's place, on a line with so many other columns. 0 or a negative errno already reported. */
int render_place(const struct aggregate *aggregate, const struct aggregate_entry *entry,
                 size_t beside_columns, FILE *stream);

/* In the colour of sizes. */
void render_size(struct size_text size, FILE *stream);

/* What it comes to, as a heading ends: ", 1.2 MiB in 34 blocks". */
void render_sum(const struct report *report, FILE *stream);

/* The five lines on stderr after `memtrace run`. */
int render_run_summary(const struct summary *summary, const char *trace_name, FILE *stream);

/* A walk over the entries that are shown; begins with all zero. */
struct render_walk {
        size_t at, shown;
};

/* NULL at their end. */
const struct aggregate_entry *render_next(const struct report *report, struct render_walk *walk);

/*
 * A traceback's frames as they are shown, each given to `put`, whose first non-zero result ends
 * it and is returned.
 */
int render_frames(const struct report *report, const struct aggregate_entry *entry,
                  int (*put)(void *context, const struct symbol_frame *frame), void *context);

/* tracemalloc's Traceback.format(). 0 or a negative errno already reported. */
int render_traceback(const struct report *report, const struct aggregate_entry *entry, FILE *stream);

/*
 * The stripped line of a frame's source, as linecache gives it, behind four blanks; nothing where there is
 * none. 0 or a negative errno already reported.
 */
int render_source_line(const struct report *report, const struct symbol_frame *frame, FILE *stream);

/* Says on stderr, once for each source, that it was changed after the program was built or run. */
void render_tell_newer(const struct report *report, const struct symbol_frame *frame,
                       const struct sources_file *file);

/* Whether nothing was said of the source yet; from then on something was. */
bool render_is_news(struct sources *sources, const char *path);

/* The table of --by size. */
void render_sizes(const struct report *report, FILE *stream);

#endif
