/*
 * How the memory of each path and thread changed over a number of stops, in a form that takes little room:
 * rows with their changes as bytes. What a row held at a stop is the sum of its changes up to there.
 *
 * Changes are varints (LEB128), each: stop - the stop before of this row (the first from 0), svarint blocks,
 * and, but for rows whose blocks are all of one size, svarint bytes.
 *
 * Must not: replay, or print.
 */
#ifndef ANALYZER_AGGREGATE_TIMELINE_H
#define ANALYZER_AGGREGATE_TIMELINE_H

#include "aggregate/charge.h"
#include "aggregate/key.h"
#include "replay/by_thread.h"

#define TIMELINE_SMALL AGGREGATE_NO_NODE /* in place of a node: rows folded into one */
#define TIMELINE_SEVERAL UINT64_MAX      /* in place of a block's bytes: they differ */
#define TIMELINE_SIZES 65u               /* of blocks: none, and one for each bit */

struct timeline_bytes {
        uint8_t *data;
        size_t length, capacity;
};

struct timeline_row {
        uint32_t node, thread; /* BY_THREAD_UNKNOWN: nobody knows, or nobody asked */
        uint64_t block_bytes;  /* of each of its blocks, or TIMELINE_SEVERAL */
        uint64_t allocations, allocated_bytes, temporary, temporary_bytes; /* of all that was told */
        uint64_t high_bytes;                                               /* the most at any stop */
        struct timeline_bytes changes;
        size_t change_count;
        /* private: what is not yet among the changes */
        size_t last_stop, open_stop;
        int64_t open_blocks, open_bytes;
        uint64_t live_bytes;
};

struct timeline {
        const struct trace *trace;
        struct charge *charge;
        struct filter *filter; /* of frames; or NULL */
        const bool *threads;   /* which are taken, as of filter_threads; NULL: all */
        struct keys keys;      /* nodes, and their places */
        struct timeline_row *rows;
        size_t row_count, row_capacity;
        struct timeline_row sizes[TIMELINE_SIZES]; /* by bits of a block's size; without nodes and threads */
        /* what was folded */
        size_t folded_rows;
        uint64_t folded_bytes; /* the most that they together hold at a stop */
        /* private */
        struct map by_key;
        uint32_t *node_of_stack;
        uint64_t *block_bytes; /* by node, + 1; 0: no site yet */
        size_t block_bytes_count, block_bytes_capacity;
        struct charge_frames frames;
};

/*
 * Paths are of charged frames, as AGGREGATE_TRACEBACK's; what they are made of must outlive it. 0 or a
 * negative errno already reported; to deinit on success alone.
 */
int timeline_init(struct timeline *timeline, const struct trace *trace, struct charge *charge,
                  struct filter *filter, const bool *threads);
void timeline_deinit(struct timeline *timeline);

/* For slices_taker: a change. 0 or a negative errno already reported. */
int timeline_take(void *timeline, size_t stop, uint32_t site, uint32_t thread, int64_t blocks);

/* What a site's blocks come to in all. Results likewise. */
int timeline_total(struct timeline *timeline, uint32_t site, uint32_t thread,
                   const struct replay_site *counts);

/* After the last change. Results likewise. */
int timeline_end(struct timeline *timeline);

/*
 * Folds all rows but those that `keep` (by row) marks into one of TIMELINE_SMALL for each thread.
 * `stop_count`: how many there are. 0 or a negative errno already reported.
 */
int timeline_fold(struct timeline *timeline, const bool *keep, size_t stop_count);

/* For timeline.c and timeline_fold.c alone: a change of a row, and its last one. 0 or -ENOMEM. */
int timeline_row_change(struct timeline_row *row, size_t stop, int64_t blocks, int64_t bytes);
int timeline_row_close(struct timeline_row *row);

#endif
