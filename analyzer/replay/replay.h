/*
 * The state of the heap at an instant, as counts per site: events are run over an array, so
 * memory is bounded by the sites, whatever the length of the run. Checkpoints shorten the way.
 *
 * What does not fit (a site that is not defined, a free where nothing is live) is counted as
 * damage and passed over.
 *
 * Must not: know addresses, symbols or what a report wants.
 */
#ifndef ANALYZER_REPLAY_REPLAY_H
#define ANALYZER_REPLAY_REPLAY_H

#include "reader/trace.h"

struct replay_site {
        uint64_t size_bytes;
        uint64_t live_blocks;
        uint64_t allocations; /* complete only when replayed from the beginning */
        uint64_t temporary;
};

/* An instant: after `event` events of blocks[block]. block == block_count: the end. */
struct replay_instant {
        size_t block;
        uint64_t event;
};

enum replay_from {
        REPLAY_FROM_BEGINNING,  /* exact totals per site */
        REPLAY_FROM_CHECKPOINT, /* live blocks alone, from the nearest checkpoint before */
        REPLAY_WITH_HIGHS,      /* from the beginning, and high_bytes as well */
        REPLAY_BY_THREAD,       /* from the beginning, and by thread as well */
        REPLAY_WITH_ALL,        /* from the beginning, and both */
};

struct replay_totals {
        uint64_t allocations, frees, temporary;
        uint64_t allocated_bytes;
        uint64_t unknown_stacks; /* allocations without a stack */
        uint64_t live_bytes, live_blocks;
        uint64_t peak_bytes, peak_time_ns;
        struct replay_instant peak_at;
};

struct replay {
        struct trace *trace;
        struct replay_site *sites;
        size_t site_count;
        uint64_t *high_bytes;        /* by site: the most live bytes after one of its allocations; or NULL */
        struct replay_totals totals; /* since where the replay began; live_* are the state */
        struct by_thread *by_thread; /* owned; or NULL */
        uint64_t time_ns;
        uint64_t bad_events; /* events that cannot be */
        uint64_t mismatches; /* headers and checkpoints that say otherwise than the events */
        char first_mismatch[96];
        struct replay_watch *watch; /* who looks at the state on the way; NULL: nobody; borrowed */
        struct curve *curve;   /* what the live bytes are told to; NULL: nobody, with high_bytes; borrowed */
        struct groups *groups; /* what each event is told to; NULL: nobody, with either; borrowed */
        struct replay_listener *listener; /* who is told of each event; NULL: nobody, with any; borrowed */
};

struct events_run;

/*
 * Hears all that the events do, one by one in their order, but what a checkpoint sets right.
 */
struct replay_listener {
        /* It is now `units` of MTR_TIME_UNIT_NS; never less than before. */
        void (*time)(struct replay_listener *listener, uint64_t units);
        /* An allocation or a free of a site that has live blocks. */
        void (*event)(struct replay_listener *listener, uint32_t site, enum mtr_event event);
};

/*
 * Looks at the state at instants on the way, each not earlier than the one before: at `next`, which is at the
 * end of its block where that has fewer events, or before the first event that is later than next_units,
 * whichever comes first.
 */
struct replay_watch {
        struct replay_instant next;
        uint64_t next_units; /* of MTR_TIME_UNIT_NS; UINT64_MAX: no time */
        /*
         * Is `at`, and says what is next: no time that is passed already. `run` is of the block so far: the
         * replay's totals lack its sums, and its peak may begin anew. NULL: it is between two blocks. Must
         * not read the trace. 0 or a negative errno already reported.
         */
        int (*reached)(struct replay_watch *watch, struct replay *replay, struct replay_instant at,
                       struct events_run *run);
};

/* Nothing more to look at. */
static inline void replay_watch_end(struct replay_watch *watch) {
        watch->next = (struct replay_instant){ SIZE_MAX, 0 };
        watch->next_units = UINT64_MAX;
}

/* 0 or a negative errno already reported. */
int replay_init(struct replay *replay, struct trace *trace);
void replay_deinit(struct replay *replay);

/* 0; a negative errno already reported; READER_E_BUDGET. */
int replay_to(struct replay *replay, struct replay_instant instant, enum replay_from from);

struct replay_instant replay_end(const struct trace *trace);

/* The highest live bytes in the blocks that can be read, and the first instant of it. */
struct replay_peak {
        bool found; /* false where there is none (no event at all): the end is as good then */
        struct replay_instant instant;
        uint64_t bytes, time_ns;
        uint64_t unknown_stacks; /* of all allocations, those without a stack; found by a replay alone */
};

/*
 * By the blocks' headers; where they tell of something else than what is taken, by a replay, whose answer the
 * trace keeps. 0; a negative errno already reported; READER_E_BUDGET.
 */
int replay_peak(struct trace *trace, struct replay_peak *peak);

/*
 * The instant after the last event at or before that time, to MTR_TIME_UNIT_NS, in the blocks that
 * can be read. 0; a negative errno already reported; READER_E_BUDGET.
 */
int replay_at(struct trace *trace, uint64_t time_ns, struct replay_instant *instant);

#endif
