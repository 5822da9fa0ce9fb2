/*
 * Writes traces for tests, by the format's description alone: it shares format.h with the
 * product and not one function, so that a mistake in the reader cannot hide behind the same
 * mistake here. Keeps the books (live bytes, peak, totals) that headers and the end need.
 *
 * Definitions and events may come in any order; they are put into the block's records when it
 * is closed. Running out of memory aborts: this is for tests.
 */
#ifndef TESTS_TRACE_BUILDER_H
#define TESTS_TRACE_BUILDER_H

#include "trace_builder_bytes.h"

#include <memtrace/format.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tb_site {
        uint64_t size_bytes, live;
        uint32_t domain;
        bool no_stack;
};

#define TB_DOMAINS 8u

/* What MTR_DOMAIN_ENDS will tell of one, but its name; the heap's is in tb->end. */
struct tb_domain {
        uint64_t allocations, frees, temporary, allocated_bytes, peak_bytes, live_bytes, live_blocks;
        uint64_t foreign_frees, doubles;
};

struct tb {
        struct tb_bytes file;
        enum mtr_compression compression; /* of the blocks from here on */
        bool numbering;                   /* begin each block with MTR_NUMBERING */
        uint32_t frame_blocks; /* the next frame reaches over so many blocks; 0: it is ended in its own */
        bool frame_ends;       /* a frame of several blocks is ended with each; only flushed otherwise */
        int window_log;        /* of frames of several blocks; 0: as zstd has it */
        void *frame;           /* ZSTD_CCtx of the frame that is open */
        uint32_t frame_left;   /* how many blocks yet go on with it */
        struct mtr_block_header header; /* of the block being built */
        struct tb_bytes records;        /* raw records that go first */
        struct tb_bytes module_bodies, thread_bodies, frame_modules, frame_offsets, stack_parents,
                stack_frames, site_stacks, site_sizes, site_kinds, events, tail;
        uint32_t modules_new, threads_new, frames_new, stacks_new, sites_new;
        uint32_t modules, threads, frames, stacks, sites; /* in all */
        uint64_t previous_offset, previous_stack;
        struct tb_site *site_books;
        size_t site_capacity;
        bool checkpoint;
        uint64_t checkpoint_count;
        struct tb_bytes checkpoint_sites, checkpoint_lives;
        uint32_t process_flags;
        struct tb_bytes owner_events, owner_threads;
        uint64_t owner_count, owner_previous;
        struct tb_bytes life_sites, life_distances, life_classes, life_frees, life_beyond_ms;
        uint64_t life_count, life_previous;
        uint64_t time_ns, units; /* now; as the event stream has it */
        uint64_t live_bytes, live_blocks;
        struct mtr_end end;                   /* the totals so far */
        struct tb_domain domains[TB_DOMAINS]; /* by number */
        uint32_t domain;                      /* of the sites that are defined from here on; 0: the heap */
        bool noise;          /* each event of a domain is followed by an allocation of the heap */
        uint32_t noise_site; /* + 1; 0: not defined yet */
};

struct tb *tb_new(uint32_t pid, enum mtr_compression compression);
void tb_free(struct tb *tb);

/* When the trace's time begins, in place of what all have. */
void tb_started(struct tb *tb, uint64_t unix_ns);

/* exe and argv (words separated by \1 for NUL); flags are process_flags, the rest is zero. */
void tb_process(struct tb *tb, const char *exe, const char *argv);
uint32_t tb_module(struct tb *tb, uint64_t start, uint64_t end, uint64_t bias, const uint8_t *build_id,
                   size_t build_id_bytes, const char *path);
uint32_t tb_thread(struct tb *tb, uint32_t tid, const char *name);
/* module: a number, or UINT32_MAX for none */
uint32_t tb_frame(struct tb *tb, uint32_t module, uint64_t offset, bool exact);
uint32_t tb_stack(struct tb *tb, uint32_t parent, uint32_t frame);
/* What a domain is called. */
void tb_domain(struct tb *tb, uint32_t number, const char *name);
/* kind: of a function of the heap's; tb->domain says whose it is */
uint32_t tb_site(struct tb *tb, uint32_t stack, uint64_t size_bytes, enum mtr_site_kind kind);

void tb_at(struct tb *tb, uint64_t time_ns);
void tb_switch(struct tb *tb, uint32_t thread);
void tb_alloc(struct tb *tb, uint32_t site);
void tb_release(struct tb *tb, uint32_t site, bool temporary);
/* The block the next free ends is of that thread: a row of MTR_OWNERS. UINT32_MAX: of nobody knows whom. */
void tb_owner(struct tb *tb, uint32_t thread);
/* A row of this block's MTR_LIVES; rows stand as they are given. */
void tb_lives(struct tb *tb, uint32_t site, uint64_t distance, uint64_t age_class, uint64_t frees,
              uint64_t lived_ms);
void tb_event_raw(struct tb *tb, uint64_t value); /* a value of the stream, without books */
void tb_rss(struct tb *tb, uint64_t kib);
void tb_loss(struct tb *tb, uint64_t lost, enum mtr_loss_reason reason);
/* MTR_MARK or MTR_SNAPSHOT, here and now */
void tb_mark(struct tb *tb, enum mtr_record_type type, const char *name);
/* MTR_SCOPE_BEGIN or MTR_SCOPE_END, likewise */
void tb_scope(struct tb *tb, enum mtr_record_type type, const char *name, uint32_t thread);
void tb_unseen(struct tb *tb, const char *words);
void tb_record(struct tb *tb, uint32_t type, const void *body, size_t length); /* anything else, now */

/* Puts the state as it is now at the head of the next block's records. */
void tb_checkpoint(struct tb *tb);
/* Closes the block; the next begins. */
void tb_block(struct tb *tb);
/* Closes the last block, with an end. */
void tb_end(struct tb *tb, enum mtr_end_how how, int32_t code);

/* Writes file.data where it is asked to; aborts when it cannot. */
void tb_write(const struct tb *tb, const char *path);
/* The same in an unnamed file, at its begin. */
int tb_memfd(const void *data, size_t length);

#endif
