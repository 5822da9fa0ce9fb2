/*
 * What groups of sites held over a run that is cut into intervals: the least and the most live bytes in each,
 * over all events, and at its end. Memory is bounded by sites and groups, however many intervals there are.
 *
 * After a lost block the sites' counts are a guess until a checkpoint tells them; intervals that this may
 * concern are told as unsure.
 *
 * Must not: know names, or keep what it tells.
 */
#ifndef ANALYZER_REPLAY_GROUPS_H
#define ANALYZER_REPLAY_GROUPS_H

#include "replay/replay.h"

#define GROUPS_NONE UINT32_MAX /* in place of a site's group */

/*
 * Where an interval ends and the next begins: with the last event that is neither after `at` nor later than
 * `units` of MTR_TIME_UNIT_NS. One of the two is given, the other beyond everything.
 */
struct groups_end {
        struct replay_instant at;
        uint64_t units;
};

static inline struct groups_end groups_end_at(struct replay_instant at) {
        return (struct groups_end){ at, UINT64_MAX };
}

static inline struct groups_end groups_end_units(uint64_t units) {
        return (struct groups_end){ { SIZE_MAX, 0 }, units };
}

/* Live bytes of a group in an interval. The state at its begin counts. */
struct groups_held {
        uint64_t least_bytes, most_bytes, end_bytes;
};

/* Who is told; intervals ascend. Each returns 0 or a negative errno already reported. */
struct groups_taker {
        /* Each group of which an event is in the interval, once, in no order. A group that is not told held
         * what it did at the end of the interval before, at first nothing. */
        int (*take)(void *context, size_t interval, uint32_t group, const struct groups_held *held);
        /* Each interval, after its groups. */
        int (*end)(void *context, size_t interval, bool unsure);
        void *context;
};

/* What the sites' groups are, and where intervals end. */
struct groups_cut {
        const uint32_t *groups; /* by site: below `count`, or GROUPS_NONE; NULL: all are group 0 */
        uint32_t count;
        const struct groups_end *ends; /* ascending; what is after the last is in no interval */
        size_t end_count;
};

/* Replays the trace, from its begin. 0; a negative errno already reported; READER_E_BUDGET. */
int groups_tell(struct trace *trace, const struct groups_cut *cut, const struct groups_taker *taker);

/* For the replay: */

struct groups_group {
        uint64_t live_bytes;
        uint64_t least_bytes, most_bytes; /* in the interval; only where `moved` */
        bool moved;
};

struct groups {
        struct replay_watch watch;
        const struct groups_cut *cut;
        const struct groups_taker *taker;
        size_t open;                /* the interval in progress */
        uint32_t *of_site;          /* those of no group have one of their own, behind the last */
        struct groups_group *items; /* one more than cut->count */
        uint32_t *moved;            /* those that did in the interval in progress */
        size_t moved_count;
        uint64_t *settled; /* by group, in groups_settle() */
        bool unsure;       /* the interval in progress is */
        bool guess;        /* what the sites hold is one */
};

static inline struct groups_group *groups_moving(struct groups *groups, uint32_t number) {
        struct groups_group *group = &groups->items[number];

        if (group->moved)
                return group;
        group->moved = true;
        group->least_bytes = group->most_bytes = group->live_bytes;
        groups->moved[groups->moved_count++] = number;
        return group;
}

static inline void groups_add(struct groups *groups, uint32_t number, uint64_t bytes) {
        struct groups_group *group = groups_moving(groups, number);

        group->live_bytes += bytes;
        if (group->live_bytes > group->most_bytes)
                group->most_bytes = group->live_bytes;
}

static inline void groups_subtract(struct groups *groups, uint32_t number, uint64_t bytes) {
        struct groups_group *group = groups_moving(groups, number);

        group->live_bytes -= bytes;
        if (group->live_bytes < group->least_bytes)
                group->least_bytes = group->live_bytes;
}

/* A block begins. `guess`: what the sites hold is not known to be right. */
void groups_block(struct groups *groups, bool guess);

/* A checkpoint has told what the sites hold. */
void groups_settle(struct groups *groups, const struct replay *replay);

#endif
