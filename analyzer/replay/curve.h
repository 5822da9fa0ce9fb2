/*
 * Live bytes and the resident set over a part of a run, reduced to columns of equal time. Nothing is sampled:
 * each event counts for the lowest and the highest of its column, so no peak is ever lost, and memory is
 * bounded by the columns. The replay tells what happens; see replay.h.
 *
 * Times are in MTR_TIME_UNIT_NS, which is as exact as events are.
 *
 * Must not: know how it is drawn.
 */
#ifndef ANALYZER_REPLAY_CURVE_H
#define ANALYZER_REPLAY_CURVE_H

#include "base/cursor.h"
#include "replay/replay.h"

#define CURVE_COLUMNS_MAX 100000u

struct curve_column {
        uint64_t first_bytes, last_bytes; /* live at its begin and its end */
        uint64_t low_bytes, high_bytes;   /* at any point of it, its begin included */
        double mean_bytes;                /* by time */
        struct replay_instant high_at;    /* where the highest is first held */
        uint64_t high_units;              /* and when */
        uint64_t events, lost_events;
        uint64_t rss_low_bytes, rss_high_bytes, rss_last_bytes; /* of rss_samples, if any */
        uint64_t rss_samples;
        bool damaged; /* a part of the trace is lost that may have to do with it */
};

/* The column in progress; signed, because a damaged trace may free what was lost. */
struct curve_now {
        int64_t low_bytes, high_bytes;
        uint64_t high_event, high_units;
        size_t high_block;
};

struct curve {
        uint64_t from_units, end_units; /* the end is not in it */
        struct curve_column *columns;
        size_t count;
        /* private: */
        struct curve_now now;
        size_t open;                       /* the column in progress; SIZE_MAX: before the first */
        uint64_t at_units;                 /* up to where the live bytes are known */
        uint64_t open_end_units;           /* of the column in progress */
        size_t block;                      /* of the events */
        uint64_t events_begun;             /* before the column in progress, of this block */
        uint64_t events_blocks;            /* of blocks before, in the column in progress */
        uint64_t left_out, left_out_begun; /* events that are not looked at; so many before that column */
        int64_t live_bytes;                /* as last told */
        int64_t offset_bytes;              /* live bytes, less what the replay takes them for */
        double sum;                        /* bytes times units of the column in progress */
};

/*
 * The part of the run from one instant to another that is later; at most `columns` of them, and no more than
 * it has units. 0; a negative errno already reported; READER_E_BUDGET. To deinit on success alone.
 */
int curve_make(struct trace *trace, uint64_t from_ns, uint64_t to_ns, size_t columns, struct curve *curve);

/* The same without a trace: columns of nothing. 0 or -ENOMEM, reported. */
int curve_init(struct curve *curve, const char *name, uint64_t from_ns, uint64_t to_ns, size_t columns);
void curve_deinit(struct curve *curve);

/* When a column begins; that of curve->count is the end. */
uint64_t curve_begin_units(const struct curve *curve, size_t column);

/* The column of a time; SIZE_MAX: it is not in the curve. */
size_t curve_column_at(const struct curve *curve, uint64_t units);

/* The column of the highest live bytes, the first of several. */
const struct curve_column *curve_peak(const struct curve *curve);

/* A sample of the resident set. */
void curve_add_rss(struct curve *curve, uint64_t units, uint64_t bytes);

/* For the replay: the trace's block begins its events with so many live bytes. `guess`: that is not known to
 * be right, because blocks before are lost; its header knows, of the heap alone. */
void curve_block(struct curve *curve, const struct trace *trace, size_t block, uint64_t live_bytes,
                 bool guess);

/* The time goes on to `units`, after so many events of the block, with that many live bytes. */
void curve_pass(struct curve *curve, uint64_t units, int64_t live_bytes, uint64_t events);

/* A block's events are run. */
void curve_block_end(struct curve *curve, uint64_t units, uint64_t live_bytes, uint64_t events);

/* MTR_RSS and MTR_LOSS; other records say nothing of it. */
void curve_record(struct curve *curve, uint32_t type, struct cursor body);

#endif
