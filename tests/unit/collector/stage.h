/*
 * A stage for the collector: a session in this very process whose tracer is the test, playing
 * records by hand at times of its choosing, and a decoder of what comes out that shares no code
 * with the analyzer.
 */
#ifndef MEMTRACE_TESTS_COLLECTOR_STAGE_H
#define MEMTRACE_TESTS_COLLECTOR_STAGE_H

#include <memtrace/format.h>

#include "collector/trace_life.h"
#include "session/ring.h"

#define STAGE_RINGS 128u
#define STAGE_MS UINT64_C(1000000)

struct stage {
        struct session *session;
        struct process *process;
        struct ring *rings[STAGE_RINGS];
        uint32_t ring_count;
        struct timebase timebase; /* monotonic, moved on by the test alone */
        struct chunks *chunks;
        struct compressor compressor;
        struct identity identity;
        struct trace *trace;
        int fd; /* a second one of the trace's file */
        uint32_t spare;
};

struct stage *stage_new(uint32_t rings);
void stage_free(struct stage *stage);

/* The clock moves on; one turn of the trace. Returns its words. */
void stage_pass(struct stage *stage, uint64_t ns);
uint64_t stage_turn(struct stage *stage);

/* Play one record; time 0: untimed. `node` 0 is the empty stack. */
void play_thread(struct stage *stage, uint32_t ring, uint32_t tid);
void play_alloc(struct stage *stage, uint32_t ring, uint64_t address, uint32_t node, uint64_t size,
                uint64_t time);
void play_free(struct stage *stage, uint32_t ring, uint64_t address, uint64_t time);
void play_op(struct stage *stage, uint32_t ring, enum record_op op, uint64_t address, uint64_t time);
void play_done(struct stage *stage, uint32_t ring, uint64_t address, uint32_t node, uint64_t size,
               uint64_t time);

/* A report: of a domain that has its name by then. */
void play_report_alloc(struct stage *stage, uint32_t ring, uint32_t domain, uint64_t address, uint32_t node,
                       uint64_t size, uint64_t time);
void play_report_free(struct stage *stage, uint32_t ring, uint32_t domain, uint64_t address, uint64_t time);
void play_report_clear(struct stage *stage, uint32_t ring, uint32_t domain, uint64_t time);

void play_name(struct stage *stage, uint32_t ring, enum record_name kind, const char *name, uint64_t time);

/* Play a record as it is, be it none. */
void play_words(struct stage *stage, uint32_t ring, uint64_t first, const uint64_t *words, uint64_t count,
                uint64_t time);

/* The node of a stack of addresses, the outermost first. */
uint32_t stage_stack(struct stage *stage, const uint64_t *frames, uint32_t depth);

struct seen_event {
        enum mtr_event event;
        uint32_t thread;
        uint64_t unit;
        uint64_t size; /* of its site */
        uint64_t site;
        uint64_t owner; /* the thread that allocated the block */
        uint32_t domain;
};

/* What a row of MTR_DOMAIN_ENDS says, and what a domain's events come to. */
struct seen_books {
        uint64_t allocations, frees, temporary, allocated_bytes, peak_bytes, live_bytes, live_blocks;
};

struct seen_domain {
        char name[MTR_MARK_NAME_MAX + 1]; /* "": it has none */
        struct seen_books books, end;
        uint64_t foreign_frees, twice;
        uint32_t name_count; /* how often the file names it */
};

/* A row of MTR_LIVES. */
struct seen_life {
        uint64_t site, distance, age_class, frees, ms;
};

/* A record of type MTR_MARK, MTR_SNAPSHOT, MTR_SCOPE_BEGIN or MTR_SCOPE_END. */
struct seen_mark {
        uint32_t type, block;
        uint64_t event; /* of its block */
        uint64_t time_ns, thread;
        char name[MTR_MARK_NAME_MAX + 1];
};

struct seen_block {
        struct mtr_block_header header;
        bool checkpoint;
        uint64_t checkpoint_blocks; /* all live blocks it tells of */
};

/* A trace's file, decoded. The decoder asserts what the format promises of every block. */
struct seen {
        struct mtr_file_header file;
        struct mtr_process process;
        struct seen_block *blocks;
        struct seen_event *events;
        struct seen_life *lives; /* of all records, one after the other */
        struct seen_mark *marks; /* the same */
        struct {
                uint64_t thread;
                char name[MTR_MARK_NAME_MAX + 1];
        } * named;                         /* rows of MTR_THREAD_NAMES */
        uint64_t lost[MTR_LOSS_WRITE + 1]; /* by reason */
        struct {
                uint64_t stack, size;
                uint8_t kind;
        } * sites;
        struct {
                uint64_t parent, frame;
        } * stacks; /* from 1 */
        struct {
                uint64_t module, offset;
        } * frames;
        struct {
                uint64_t start, end, bias, generation;
                char path[MTR_STRING_MAX + 1];
        } * modules;
        struct seen_domain domains[MTR_DOMAIN_MAX]; /* by number - 1 */
        uint64_t *live;                             /* by site, replayed */
        void *frame;                                /* ZSTD_DCtx: a frame reaches over blocks */
        uint64_t frame_blocks, frame_bytes;         /* of the frame that is open; 0: none */
        struct mtr_end end;
        uint32_t block_count, event_count, loss_count, site_count, stack_count, frame_count, module_count;
        uint32_t thread_count, rss_count, end_count, process_count, life_count, lives_count, owner_count;
        uint32_t mark_count, named_count;
        /* Of the heap. */
        uint64_t live_bytes, live_blocks, peak_bytes, allocations, frees, temporary, allocated_bytes;
        bool replays; /* no site ever had more frees than allocations */
};

struct seen *seen_read(int fd);
void seen_free(struct seen *seen);

/* Close the trace as exited with 0, read it, and assert that its end says what its events do, and that owners
 * and lives add up to them. */
struct seen *stage_finish(struct stage *stage);

/* "A16 F16 T8 A9@2 ...": kinds and sizes in order, and the domain where there is one. For assertions. */
const char *seen_story(const struct seen *seen);

/* "0:1x2=5 15:0x1=0 ...": distance, age class, frees and milliseconds of each row of lives. */
const char *seen_lives(const struct seen *seen);

/* "M0:name S3:name B3:name/1 E5:name/1 ...": marks, snapshots, and scopes' begins and ends with their thread,
 * each after so many events of the trace. */
const char *seen_marks(const struct seen *seen);

/* Of each free in order the thread that had allocated its block: "0 2 ...". */
const char *seen_owners(const struct seen *seen);

#endif
