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

#define FRAMES_MAX 8u
#define FRAME_WINDOW_LOG 22
_Static_assert(FRAME_WINDOW_LOG <= MTR_FRAME_WINDOW_LOG_MAX, "what a reader accepts");

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

static ZSTD_CCtx *context_new(void) {
        ZSTD_customMem memory = { .customAlloc = piece_new, .customFree = piece_free };
        ZSTD_CCtx *context = ZSTD_createCCtx_advanced(memory);

        if (context &&
            !ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, COMPRESSION_LEVEL)))
                return context;
        (void)ZSTD_freeCCtx(context);
        return NULL;
}

bool compressor_init(struct compressor *compressor) {
        *compressor = (struct compressor){ .context = context_new() };
        return compressor->context != NULL;
}

void compressor_frame_begin(struct compressor *compressor, struct frame *frame) {
        if (frame->context || compressor->frames == FRAMES_MAX)
                return;
        frame->context = context_new();
        if (!frame->context)
                return;
        compressor->frames++;
        (void)ZSTD_CCtx_setParameter(frame->context, ZSTD_c_windowLog, FRAME_WINDOW_LOG);
        frame->blocks = MTR_FRAME_BLOCKS_MAX; /* the next block begins one */
}

void compressor_frame_deinit(struct compressor *compressor, struct frame *frame) {
        if (!frame->context)
                return;
        (void)ZSTD_freeCCtx(frame->context);
        frame->context = NULL;
        compressor->frames--;
}

void compressor_deinit(struct compressor *compressor) {
        (void)ZSTD_freeCCtx(compressor->context);
        buffer_deinit(&compressor->payload);
        buffer_deinit(&compressor->stored);
        compressor->context = NULL;
}

/* The payload as a part of the frame, flushed so that a reader has all of it. */
static bool frame_run(struct compressor *compressor, struct frame *frame, bool *continues) {
        const struct buffer *payload = &compressor->payload;
        struct buffer *stored = &compressor->stored;
        ZSTD_inBuffer in = { payload->bytes.data, payload->used, 0 };
        ZSTD_outBuffer out = { buffer_end(stored), ZSTD_compressBound(payload->used) + ZSTD_CStreamOutSize(),
                               0 };
        size_t left;

        *continues =
                frame->blocks < MTR_FRAME_BLOCKS_MAX && frame->raw_bytes + payload->used <= MTR_FRAME_RAW_MAX;
        if (!*continues) {
                (void)ZSTD_CCtx_reset(frame->context, ZSTD_reset_session_only);
                frame->raw_bytes = frame->blocks = 0;
        }
        left = ZSTD_compressStream2(frame->context, &out, &in, ZSTD_e_flush);
        if (ZSTD_isError(left) || left != 0 || in.pos != in.size)
                return false;
        stored->used += out.pos;
        frame->raw_bytes += payload->used;
        frame->blocks++;
        return true;
}

bool compressor_run(struct compressor *compressor, struct frame *frame, size_t header_bytes,
                    uint32_t *compression, bool *continues) {
        const struct buffer *payload = &compressor->payload;
        struct buffer *stored = &compressor->stored;
        size_t bound = ZSTD_compressBound(payload->used);
        size_t length;

        stored->used = header_bytes;
        *continues = false;
        if (!array_reserve(&stored->bytes, header_bytes + bound + ZSTD_CStreamOutSize()))
                return false;
        if (frame->context) {
                *compression = MTR_ZSTD;
                return frame_run(compressor, frame, continues);
        }
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
