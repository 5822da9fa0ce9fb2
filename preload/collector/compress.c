/*
 * zstd on memory of our own: see compress.h. Runs in the collector's one thread.
 */
#include "collector/compress.h"

#include <memtrace/format.h>

#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>

/* On event streams of sqlite3, jq and python3 as fast as 1 and a tenth smaller; 5 would take another
 * third off for a tenth of the collector's time. */
#define COMPRESSION_LEVEL 3

/* Each piece remembers its length in front of itself, at the alignment zstd asks for. */
#define PIECE_HEADER_BYTES 64u

static void *piece_new(void *opaque, size_t bytes) {
        size_t *piece = memory_map(bytes + PIECE_HEADER_BYTES);

        (void)opaque;
        if (!piece)
                return NULL;
        *piece = bytes + PIECE_HEADER_BYTES;
        return (char *)piece + PIECE_HEADER_BYTES;
}

static void piece_free(void *opaque, void *memory) {
        (void)opaque;
        if (memory) {
                size_t *piece = (size_t *)((char *)memory - PIECE_HEADER_BYTES);

                memory_unmap(piece, *piece);
        }
}

bool compressor_init(struct compressor *compressor) {
        ZSTD_customMem memory = { .customAlloc = piece_new, .customFree = piece_free };
        ZSTD_CCtx *context = ZSTD_createCCtx_advanced(memory);

        *compressor = (struct compressor){ .context = context };
        return context &&
               !ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, COMPRESSION_LEVEL));
}

void compressor_deinit(struct compressor *compressor) {
        (void)ZSTD_freeCCtx(compressor->context);
        buffer_deinit(&compressor->payload);
        buffer_deinit(&compressor->stored);
        compressor->context = NULL;
}

bool compressor_run(struct compressor *compressor, size_t header_bytes, uint32_t *compression) {
        const struct buffer *payload = &compressor->payload;
        struct buffer *stored = &compressor->stored;
        size_t bound = ZSTD_compressBound(payload->used);
        size_t length;

        stored->used = header_bytes;
        if (!array_reserve(&stored->bytes, header_bytes + bound))
                return false;
        length = ZSTD_compress2(compressor->context, buffer_end(stored), bound, payload->bytes.data,
                                payload->used);
        if (ZSTD_isError(length) || length >= payload->used) {
                *compression = MTR_STORED;
                buffer_put(stored, payload->bytes.data, payload->used);
                return true;
        }
        *compression = MTR_ZSTD;
        stored->used += length;
        return true;
}
