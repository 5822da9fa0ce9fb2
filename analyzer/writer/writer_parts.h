/*
 * What a writer consists of. For writer/ alone.
 */
#ifndef ANALYZER_WRITER_WRITER_PARTS_H
#define ANALYZER_WRITER_WRITER_PARTS_H

#include "base/bytes.h"
#include "base/intern.h"
#include "writer/writer.h"

#include <zstd.h>

struct writer_site {
        uint64_t size_bytes, live_blocks;
};

/* What a block is made of, each written on its own. */
enum writer_column {
        COLUMN_PROCESS,
        COLUMN_UNSEEN,
        COLUMN_MODULES,
        COLUMN_FRAME_MODULES,
        COLUMN_FRAME_OFFSETS,
        COLUMN_STACK_PARENTS,
        COLUMN_STACK_FRAMES,
        COLUMN_THREADS,
        COLUMN_SITE_STACKS,
        COLUMN_SITE_SIZES,
        COLUMN_SITE_KINDS,
        COLUMN_CHECKPOINT_SITES,
        COLUMN_CHECKPOINT_LIVE,
        COLUMN_EVENTS,
        COLUMN_RSS,
        COLUMN_MOMENTS, /* whole records */
        COLUMN_NAMES,
        COLUMN_COUNT,
};

/* How many there are of a kind, and of them in the block that is being made. */
struct writer_count {
        uint32_t all, fresh;
};

struct writer {
        FILE *stream;
        ZSTD_CCtx *context;
        bool failed; /* no memory */

        /* the block in the making */
        struct bytes columns[COLUMN_COUNT];
        struct writer_count counts[TRACE_KIND_COUNT];
        uint64_t previous_offset, previous_stack;
        struct intern texts; /* of its names */
        size_t text_bytes;
        uint64_t named_count, previous_named, rss_count, rss_ms, checkpoint_count;
        struct mtr_block_header header;
        uint64_t block_ms; /* as its events tell the time */

        struct writer_site *sites;
        size_t site_capacity;
        uint64_t event_bytes; /* since the last checkpoint */
        uint64_t now_ms, live_bytes, live_blocks;
        struct mtr_end totals;
        struct bytes payload, stored;
};

/* The block is written where it is full, and the next begins. */
void writer_block_due(struct writer *writer);
/* The same whether full or not; `end`: the last one, NULL: there are more, or nobody knows the end. */
void writer_block_write(struct writer *writer, const struct mtr_end *end);
void writer_block_deinit(struct writer *writer);

#endif
