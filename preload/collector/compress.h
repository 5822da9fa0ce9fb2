/*
 * One block's payload in the making and its compression. One for all traces: a block is
 * composed, compressed and written in one go.
 *
 * Runs in the collector's one thread. Must not: let zstd use malloc.
 */
#ifndef MEMTRACE_COLLECTOR_COMPRESS_H
#define MEMTRACE_COLLECTOR_COMPRESS_H

#include "collector/encode.h"

struct compressor {
        void *context;         /* ZSTD_CCtx */
        struct buffer payload; /* what is to be compressed */
        struct buffer stored;  /* header room, then what goes to the file */
};

/* False: no memory. */
bool compressor_init(struct compressor *compressor);
void compressor_deinit(struct compressor *compressor);

/*
 * Compress `payload` into `stored` behind `header_bytes` of room, which are part of stored->used.
 * Falls back to a plain copy where that is shorter: *compression tells (enum mtr_compression).
 * False: no memory.
 */
bool compressor_run(struct compressor *compressor, size_t header_bytes, uint32_t *compression);

#endif
