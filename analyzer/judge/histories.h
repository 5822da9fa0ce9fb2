/*
 * What each place never fell below in each repetition of a run, and the most that each of some groups ever
 * held: exact, over all events. Places and groups are numbers that the caller gives the trace's sites.
 *
 * Kept are changes alone: of a place whose least is always the same, nothing.
 *
 * Must not: know names, or judge.
 */
#ifndef ANALYZER_JUDGE_HISTORIES_H
#define ANALYZER_JUDGE_HISTORIES_H

#include "judge/repetitions.h"

/* Of all places together; 24 bytes each. */
#define HISTORIES_CHANGES_MAX (1u << 25)

/* An interval in which a place's live bytes moved. */
struct histories_change {
        uint64_t least_bytes, end_bytes;
        uint32_t interval;
        uint32_t before; /* the same place's change before; that number + 1, 0: none */
};

struct histories {
        size_t count;        /* repetitions */
        bool *unsure;        /* by repetition: a part of the trace is lost that may have to do with it */
        size_t unsure_count; /* so many of them are */
        /* private: */
        size_t first, step;
        uint32_t *last; /* by place: its last change, as `before` */
        uint32_t place_count;
        struct histories_change *changes;
        size_t change_count, change_capacity;
};

/*
 * `places` is by site: below `place_count`, or GROUPS_NONE. Replays the trace once. 0 or a negative errno
 * already reported; to deinit on success alone.
 */
int histories_make(struct trace *trace, const struct repetitions *repetitions, const uint32_t *places,
                   uint32_t place_count, struct histories *histories);
void histories_deinit(struct histories *histories);

/* By repetition, the least that the place held in it. False: it is always the same. */
bool histories_least(const struct histories *histories, uint32_t place, uint64_t *least_bytes);

/*
 * The most that each of `count` groups held at any time, with `groups` by site as places are. `*unsure`: a
 * part of the trace is lost. 0 or a negative errno already reported.
 */
int histories_peaks(struct trace *trace, const uint32_t *groups, uint32_t count, uint64_t *peak_bytes,
                    bool *unsure);

#endif
