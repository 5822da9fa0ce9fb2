/*
 * One process's trace in the making: all that the collector knows of a traced process, from its
 * rings to its file. Owned by the process's slot in family.c.
 *
 * Runs in the collector's one thread.
 */
#ifndef MEMTRACE_COLLECTOR_TRACE_H
#define MEMTRACE_COLLECTOR_TRACE_H

#include <memtrace/format.h>

#include "collector/chunks.h"
#include "collector/compress.h"
#include "collector/cursor.h"
#include "collector/heap.h"
#include "collector/lives.h"
#include "collector/sites.h"
#include "collector/stacks.h"
#include "collector/timebase.h"
#include "session/process.h"

#define BATCH_RECORDS 128u
/* Events and controls that one record can bring at most: a thread's beginning undoes all that was begun, and
 * time and thread change. */
#define STAGED_PER_RECORD (CURSOR_BEGUN_MAX + 2u)
#define STAGED_MAX (BATCH_RECORDS * STAGED_PER_RECORD)

/* What the family's processes have in common, since a fork changes none of it: see proc.c. */
struct identity {
        struct options options; /* as they were before anybody could scribble on the session */
        char exe[MTR_STRING_MAX];
        char cwd[MTR_STRING_MAX];    /* where it began */
        char name[PROCESS_NAME_MAX]; /* %e */
        struct buffer argv;          /* as in MTR_PROCESS */
        uint64_t session_inode;      /* of the session's mapping, 0: unknown */
};

/* The event stream, and what reading it tells: see events.c. */
struct events {
        struct buffer bytes; /* MTR_EVENTS of the block in the making */
        /* Its MTR_OWNERS, column by column. */
        struct buffer owner_event_column, owner_thread_column;
        uint32_t owner_count;
        uint64_t owner_event; /* of the last row */
        /* Of malloc's heap: */
        uint64_t live_bytes, live_blocks;
        uint64_t allocations, frees, allocated_bytes, temporary; /* totals, as in struct mtr_end */
        uint64_t peak_bytes;                                     /* of all blocks so far */
        uint64_t traced_peak_bytes;                              /* since the program set it back */
        uint64_t time_unit;  /* MTR_TIME_UNIT_NS reached in the stream, staged controls included */
        uint64_t put_unit;   /* the same without them */
        uint64_t event_unit; /* at the last event of the block in the making */
        /* Of the block in the making, as in struct mtr_block_header. */
        uint64_t block_events, events_before;
        uint64_t block_live_bytes, block_live_blocks;
        uint64_t block_peak_bytes, block_peak_event, block_peak_time_ns;
        /* The block's peak up to when the program set peaks back; 0 bytes: it did not. */
        uint64_t held_peak_bytes, held_peak_event, held_peak_time_ns;
        uint64_t first_time_ns;
        bool block_begun; /* it has a first time */
        uint64_t raw_since_checkpoint;
};

/* What the program reports of a heap of its own, with totals as in MTR_DOMAIN_ENDS: see domains.c. */
struct domain {
        struct heap heap; /* first, so that it leads to the rest */
        uint32_t number;
        uint64_t allocations, frees, temporary;
        uint64_t allocated_bytes, peak_bytes, live_bytes;
};

struct domains {
        struct domain *by_number[MTR_DOMAIN_MAX]; /* - 1; NULL: nothing was reported */
        struct domain *in_order[MTR_DOMAIN_MAX];  /* of their first reports */
        uint32_t count;
        uint32_t fresh_count; /* not yet defined in the file */
        struct buffer names;  /* MTR_DOMAINS of these */
        uint64_t live_blocks; /* of all of them */
        uint32_t staged[3];   /* their events among those that are staged, by enum mtr_event */
        bool told;            /* the last end in the file tells all of it */
};

/* Threads in the order of their first record: see threads.c. */
struct threads {
        struct array fresh; /* struct thread_fresh, not yet defined in the file */
        uint32_t fresh_count;
        uint32_t count;
};

/* What the program named since the last block: see marks.c. */
struct marks {
        struct buffer records;     /* MTR_MARK, MTR_SNAPSHOT and scopes, whole and in their order */
        struct buffer thread_rows; /* MTR_THREAD_NAMES */
        uint32_t thread_count;
        uint64_t last_ns; /* time of the last one in this trace */
};

/* Losses seen so far, by enum mtr_loss_reason; `output.reached` has how many of them the file tells. */
struct losses {
        uint64_t seen[MTR_LOSS_WRITE + 1];
};

/* Resident set samples: see rss.c. */
struct rss {
        int statm_fd;
        uint64_t next_ns;     /* when the next sample is due */
        struct buffer column; /* struct rss_sample */
        uint32_t confirmed;   /* samples known to be of this process and not of what it exec'd */
        uint64_t last_kib;
        uint64_t last_unit;
};

/* How far a file reached after one of its blocks. */
struct output_mark {
        uint32_t sequence;
        uint64_t length;                  /* of the whole blocks in it */
        uint64_t events;                  /* in them */
        uint64_t live_bytes, live_blocks; /* after them */
        uint64_t told[MTR_LOSS_WRITE + 1];
};

/* The file: see block.c. */
struct output {
        int fd;    /* -1: there is none, events are read and forgotten */
        int error; /* errno of the write that failed: only the last word is tried once more. 0: none did */
        bool torn; /* something stands behind the whole blocks */
        struct output_mark reached;
        struct output_mark marks[2]; /* earlier ones, some way apart, the older first */
        uint64_t lives_length;       /* of the file, when MTR_LIVES was last in it */
        uint64_t started_unix_ns;    /* the trace's time zero */
        struct buffer checkpoint;    /* MTR_CHECKPOINT of the block in the making, empty for none */
        struct frame frame;
        bool ended;         /* MTR_END is in it */
        struct mtr_end end; /* the last one */
};

/* How the process is doing: see watch.c. */
struct watch {
        int pidfd;
        int memory_fd; /* reads as long as anybody uses the process's memory; -1: unknown */
        uint32_t pid;  /* as the collector sees it */
        bool dead;     /* or replaced */
        uint32_t how;  /* enum mtr_end_how, once it is */
        int32_t code;
        uint64_t last_event_ns;
        uint64_t next_maps_ns;
        uint64_t maps_interval_ns;
};

/* A free of another thread's block. */
struct staged_owner {
        uint32_t event; /* after so many staged ones */
        uint32_t thread;
};

struct trace {
        struct session *session;
        struct process *process;
        struct chunks *chunks;
        uint32_t slot;
        const struct timebase *timebase;
        struct compressor *compressor;
        const struct identity *identity;
        char cwd[MTR_STRING_MAX];

        /* Reading and merging. */
        struct array cursors; /* struct cursor */
        uint32_t cursor_count;
        bool several;           /* it had more than one ring at a time */
        bool broken;            /* it has held more than it was to be broken at */
        bool starved;           /* no memory: it is drained and no more */
        uint64_t previous_turn; /* session time at the start of the turn before */
        uint64_t merged_time;   /* session time up to which all records were released */
        uint64_t zero_ns;       /* CLOCK_MONOTONIC at the trace's time zero */

        /* Pairing. */
        struct heap heap; /* malloc's */
        struct domains domains;
        struct lives lives;
        struct sites sites;
        struct stacks stacks;
        struct threads threads;
        struct marks marks;
        uint32_t stream_thread;  /* number of the thread whose events follow */
        uint64_t stream_time;    /* session time of the newest record in the stream */
        uint64_t aged_unit;      /* time_unit when the ages of live blocks were last looked at */
        uint64_t next_unit_time; /* session time at which time_unit is over */
        uint64_t unknown_stacks;
        uint32_t staged_count;
        uint32_t staged_controls; /* of them */
        uint32_t staged_owner_count;
        uint32_t staged[STAGED_MAX];                       /* events on their way to `events` */
        struct staged_owner staged_owners[STAGED_MAX + 1]; /* one more is written than counts */

        struct events events;
        struct losses losses;
        struct rss rss;
        struct output output;
        struct watch watch;
        uint64_t content_since_ns; /* when the block's first content may have happened, 0: it has none */
        uint64_t previous_turn_ns;
        uint64_t written_ns;     /* when a block was written last */
        uint64_t starved_events; /* read and forgotten for want of memory */
        uint32_t flush_wanted;   /* `process->flush` as last seen */
        uint32_t flush_met;      /* and as last answered */
        uint64_t flush_time;     /* session time up to which it asks */
        uint64_t flush_since_ns;
        uint64_t asked_since_ns; /* a question waits to be read, 0: none does */
        struct record batch[BATCH_RECORDS];
        uint32_t batch_count;
        uint32_t names_used;
        char names[BATCH_RECORDS * RECORD_NAME_BYTES_MAX]; /* of the batch's NAMEs */
};

static inline struct cursor *trace_cursor(struct trace *trace, uint32_t index) {
        return (struct cursor *)trace->cursors.data + index;
}

/* Nanoseconds of the trace at a session time. */
static inline uint64_t trace_ns(const struct trace *trace, uint64_t session) {
        uint64_t ns = timebase_ns(trace->timebase, session);

        return ns > trace->zero_ns ? ns - trace->zero_ns : 0;
}

#endif
