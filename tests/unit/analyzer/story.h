/*
 * A run of which every event is kept, and what replay/groups.h tells of it, held against them interval by
 * interval.
 */
#ifndef TESTS_UNIT_ANALYZER_STORY_H
#define TESTS_UNIT_ANALYZER_STORY_H

#include "replay/groups.h"
#include "trace_builder.h"

#define SITES 6u
#define GROUPS 3u
#define BLOCKS 6u
#define BLOCK_EVENTS 200u
#define ENDS_MAX 3000u

/* By site; the group with the number SITES has no site. */
extern const uint32_t story_group_of[SITES];

struct happened {
        uint64_t units;
        struct replay_instant at; /* after it */
        uint32_t site;
        int64_t bytes; /* more, or less */
};

struct story {
        struct tb *tb;
        struct happened events[BLOCKS * BLOCK_EVENTS];
        size_t count;
        uint64_t random;
};

/* What was told of an interval. */
struct told {
        struct groups_held held[GROUPS + 1];
        bool taken[GROUPS + 1], ended, unsure;
};

struct telling {
        struct told *told;
        size_t count;
        int refuse; /* the answer to the first end */
};

/* Bursts and pauses. */
struct story *story_new(uint64_t seed);

/* The trace is one that was read of it. */
void story_free(struct story *story, struct trace *trace);

/* A taker of groups_tell, whose context is a struct telling. */
int story_take(void *context, size_t interval, uint32_t group, const struct groups_held *held);
int story_end(void *context, size_t interval, bool unsure);

/* The caller's to free. */
struct told *story_told_of(struct trace *trace, const struct groups_end *ends, size_t count);

/* Of the intervals in [from, to), of groups whose state is known at the begin of each. */
void story_compare(const struct story *story, const struct groups_end *ends, const struct told *told,
                   size_t from, size_t to);

/* Ends of intervals, of at most ENDS_MAX: every `step` events, and some twice; or by time. How many. */
size_t story_cut_by_events(const struct story *story, size_t step, struct groups_end *ends);
size_t story_cut_by_time(uint64_t first, uint64_t step, uint64_t last, struct groups_end *ends);

#endif
