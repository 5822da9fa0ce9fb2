/*
 * All that a page about a run shows: its slices, what each path and thread held in them, and how long blocks
 * lived, within a given room.
 *
 * Must not: print.
 */
#ifndef ANALYZER_SELECT_HISTORY_H
#define ANALYZER_SELECT_HISTORY_H

#include "aggregate/lifespans.h"
#include "aggregate/timeline.h"
#include "replay/slices.h"
#include "select/selection.h"
#include "state/state.h"

/* What it may take on a page, of which base64 makes four bytes of three; and what changes may of it. */
#define HISTORY_ROOM_BYTES 9400000u
#define HISTORY_CHANGES_ROOM_BYTES 4500000u

struct history {
        struct charge *charge;
        struct slices slices; /* none: one moment */
        struct timeline timeline;
        struct lifetimes lifetimes;
        struct lifespans lifespans;
        bool has_lifespans;
        bool has_threads;   /* rows are of threads */
        size_t stop_count;  /* at least 1 */
        size_t most_slices; /* there would be so many, with more room */
        bool *threads;      /* heap; see filter_threads */
};

/*
 * The state is that at the end, replayed from the beginning, and by thread where that is wanted; or of one
 * `moment`. All must outlive it. 0 or a negative errno already reported; to deinit on success alone.
 */
int history_make(struct state *state, struct selection *selection, bool moment, struct history *history);
void history_deinit(struct history *history);

#endif
