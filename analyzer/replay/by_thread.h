/*
 * What each thread holds: counts per site and thread, beside the replay's per site, and as exact where
 * the trace is whole. A block counts for the thread that allocated it, whoever frees it.
 *
 * MTR_OWNERS tells the frees of other threads' blocks, and no checkpoint has owners: so it takes a replay
 * from the beginning. What a lost part of the trace leaves open goes to the unknown thread, so that the
 * threads together always come to the replay's counts. Memory is bounded by the pairs that occur.
 *
 * Must not: know names, or what a report wants.
 */
#ifndef ANALYZER_REPLAY_BY_THREAD_H
#define ANALYZER_REPLAY_BY_THREAD_H

#include "base/cursor.h"
#include "base/map.h"
#include "reader/lives.h"
#include "replay/replay.h"

#define BY_THREAD_UNKNOWN UINT32_MAX /* in place of a thread's number */

/* What one thread did at one site. */
struct by_thread_pair {
        uint32_t site, thread;
        struct replay_site counts;
};

struct by_thread {
        struct by_thread_pair *pairs; /* as they occurred */
        size_t count, capacity;
        struct map by_key; /* (site, thread) to its index */
        uint32_t *last;    /* by site: index + 1 of the pair met last */
        uint64_t misfits;  /* frees of blocks that their owner does not hold */
        uint64_t unsure;   /* how many live blocks may be another thread's than is told */
};

/* NULL: no memory, reported. */
struct by_thread *by_thread_new(const struct replay *replay);
void by_thread_free(struct by_thread *by_thread);

/* A walk over the events of a block, and over whose blocks its frees end. */
struct by_thread_walk {
        struct cursor events;
        struct lives_owners owners;
        uint64_t site_count, event; /* so many events are run */
        uint32_t thread;            /* of the stream */
};

/* Goes before the first of the block's `events`. NULL, or what is wrong with what else its payload tells. */
const char *by_thread_begin(struct by_thread_walk *walk, size_t index, struct cursor payload,
                            struct cursor events, const struct trace *trace);

/*
 * Up to `event_limit` events of the block, which the replay has run. `*wrong` is what makes the block
 * senseless, if anything. 0; a negative errno already reported; READER_E_BUDGET.
 */
int by_thread_run(struct replay *replay, struct by_thread_walk *walk, uint64_t event_limit,
                  const char **wrong);

/* Behind a block's events, or between them: makes the threads come to the replay's counts. Results as above.
 */
int by_thread_settle(struct replay *replay);

/* What is different in `after`; for range.c alone. */
void by_thread_subtract(struct by_thread *before, struct by_thread *after,
                        void (*subtract)(struct replay_site *before, struct replay_site *after));

/*
 * Leaves those threads only, in the replay's sites as well. `taken` is by number, and has one more at its end
 * for the unknown thread. The replay's totals stay.
 */
void by_thread_select(struct replay *replay, const bool *taken);

#endif
