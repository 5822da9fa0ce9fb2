/*
 * One block's payload in the making and its compression. The buffers are one for all traces: a block
 * is composed, compressed and written in one go. A trace's frame goes on over several blocks, and
 * so is its own.
 *
 * Runs in the collector's one thread. Must not: let zstd use malloc.
 */
#ifndef MEMTRACE_COLLECTOR_COMPRESS_H
#define MEMTRACE_COLLECTOR_COMPRESS_H

#include "collector/encode.h"

struct compressor {
        void *context;         /* ZSTD_CCtx for frames of one block */
        uint32_t frames;       /* contexts that traces have of their own */
        struct buffer payload; /* what is to be compressed */
        struct buffer stored;  /* header room, then what goes to the file */
};

/*
 * A trace's zstd frame (see MTR_BLOCK_CONTINUES). It gets a context of its own, about 5 MiB, at the third
 * block, and only while few traces have one: most fork children write one or two blocks.
 */
struct frame {
        void *context;      /* ZSTD_CCtx, NULL: none yet */
        uint64_t raw_bytes; /* in the frame so far */
        uint32_t blocks;
};

/* False: no memory. */
bool compressor_init(struct compressor *compressor);
void compressor_deinit(struct compressor *compressor);

/* A context of its own for `frame`, if there is room for one more. */
void compressor_frame_begin(struct compressor *compressor, struct frame *frame);
void compressor_frame_deinit(struct compressor *compressor, struct frame *frame);

/*
 * Compress `payload` into `stored` behind `header_bytes` of room, which are part of stored->used. With
 * a context of its own the frame goes on where it may: *continues tells. Without one, falls back to a plain
 * copy where that is shorter: *compression tells (enum mtr_compression). False: no memory.
 */
bool compressor_run(struct compressor *compressor, struct frame *frame, size_t header_bytes,
                    uint32_t *compression, bool *continues);

#endif
