/*
 * The tight loop under replay.c: one block's events over the sites.
 *
 * For replay/ alone.
 */
#ifndef ANALYZER_REPLAY_EVENTS_H
#define ANALYZER_REPLAY_EVENTS_H

#include "base/cursor.h"
#include "replay/curve.h"
#include "replay/groups.h"
#include "replay/replay.h"

struct events_run {
        struct replay_site *sites;
        uint64_t *high_bytes;  /* by site, as in struct replay; NULL: not asked for */
        struct curve *curve;   /* told of each event's live bytes; NULL: not asked for, with high_bytes */
        struct groups *groups; /* told of each event; NULL: not asked for, with either of these */
        struct replay_listener *listener; /* likewise; NULL: not asked for, with any of these */
        const uint8_t *left_out;          /* by site: nothing comes of its events; NULL: none is */
        uint64_t site_count;              /* those defined by now */
        uint64_t thread_count;
        uint64_t event_limit;      /* stop after that many allocations and frees */
        uint64_t unit_limit;       /* stop where the time goes beyond */
        uint64_t time_units;       /* MTR_TIME_UNIT_NS, runs on */
        uint64_t last_event_units; /* the time at the last event */
        uint64_t events;           /* seen in this block */
        uint64_t allocations, temporary;
        uint64_t live_bytes, live_blocks;
        uint64_t peak_bytes, peak_event, peak_units; /* the highest after any event */
        uint64_t bad_events;
};

/* NULL, or what is wrong with the encoding where the run stopped. */
const char *events_run(struct events_run *run, struct cursor *cursor);

/* The time that a watch is told at, for which see replay.h. */
uint64_t events_units_at(const struct replay *replay, struct replay_instant at, const struct events_run *run);

#endif
