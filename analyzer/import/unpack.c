/*
 * See unpack.h. Several gzip members or zstd frames in a row are one stream, as for zcat and zstdcat.
 */
#include "import/unpack.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#define PIECE_BYTES (128u << 10)
#define WINDOW_LOG_MAX 27 /* zstd's own limit without --long */

enum kind { UNDECIDED, PLAIN, GZIP, ZSTD };

struct unpack {
        FILE *stream;
        enum kind kind;
        uint8_t in[PIECE_BYTES], out[PIECE_BYTES];
        size_t in_at, in_end;
        bool open; /* in the middle of a member or a frame */
        z_stream gzip;
        bool has_gzip;
        bool no_memory;
        ZSTD_DCtx *zstd;
};

struct unpack *unpack_new(FILE *stream) {
        struct unpack *unpack = calloc(1, sizeof(*unpack));

        if (unpack)
                unpack->stream = stream;
        return unpack;
}

void unpack_free(struct unpack *unpack) {
        if (!unpack)
                return;
        if (unpack->has_gzip)
                inflateEnd(&unpack->gzip);
        ZSTD_freeDCtx(unpack->zstd);
        free(unpack);
}

static enum unpack_result fill(struct unpack *unpack) {
        unpack->in_at = 0;
        unpack->in_end = fread(unpack->in, 1, sizeof(unpack->in), unpack->stream);
        if (unpack->in_end > 0)
                return UNPACK_MORE;
        return ferror(unpack->stream) ? UNPACK_UNREAD : UNPACK_END;
}

static enum unpack_result decide(struct unpack *unpack) {
        static const uint8_t gzip[] = { 0x1f, 0x8b }, zstd[] = { 0x28, 0xb5, 0x2f, 0xfd };
        size_t length = unpack->in_end;

        unpack->kind = PLAIN;
        if (length >= sizeof(gzip) && memcmp(unpack->in, gzip, sizeof(gzip)) == 0) {
                unpack->kind = GZIP;
                unpack->has_gzip = inflateInit2(&unpack->gzip, MAX_WBITS + 16) == Z_OK;
                return unpack->has_gzip ? UNPACK_MORE : UNPACK_NO_MEMORY;
        }
        if (length >= sizeof(zstd) && memcmp(unpack->in, zstd, sizeof(zstd)) == 0) {
                unpack->kind = ZSTD;
                unpack->zstd = ZSTD_createDCtx();
                if (!unpack->zstd ||
                    ZSTD_isError(ZSTD_DCtx_setParameter(unpack->zstd, ZSTD_d_windowLogMax, WINDOW_LOG_MAX)))
                        return UNPACK_NO_MEMORY;
        }
        return UNPACK_MORE;
}

/* How much came out; SIZE_MAX: it does not unpack. */
static size_t run_gzip(struct unpack *unpack) {
        z_stream *gzip = &unpack->gzip;
        int result;

        if (!unpack->open && inflateReset(gzip) != Z_OK)
                return SIZE_MAX;
        gzip->next_in = unpack->in + unpack->in_at;
        gzip->avail_in = (uInt)(unpack->in_end - unpack->in_at);
        gzip->next_out = unpack->out;
        gzip->avail_out = sizeof(unpack->out);
        result = inflate(gzip, Z_NO_FLUSH);
        unpack->no_memory = result == Z_MEM_ERROR;
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
                return SIZE_MAX;
        unpack->in_at = unpack->in_end - gzip->avail_in;
        unpack->open = result != Z_STREAM_END;
        return sizeof(unpack->out) - gzip->avail_out;
}

static size_t run_zstd(struct unpack *unpack) {
        ZSTD_inBuffer in = { unpack->in, unpack->in_end, unpack->in_at };
        ZSTD_outBuffer out = { unpack->out, sizeof(unpack->out), 0 };
        size_t left = ZSTD_decompressStream(unpack->zstd, &out, &in);

        unpack->no_memory = ZSTD_getErrorCode(left) == ZSTD_error_memory_allocation;
        if (ZSTD_isError(left))
                return SIZE_MAX;
        unpack->in_at = in.pos;
        unpack->open = left != 0;
        return out.pos;
}

enum unpack_result unpack_next(struct unpack *unpack, const uint8_t **data, size_t *length_bytes) {
        bool drained = false; /* there is nothing more to put in, and perhaps something to come out */
        enum unpack_result result = UNPACK_MORE;

        *data = unpack->out;
        for (;;) {
                if (unpack->in_at == unpack->in_end && (!unpack->open || drained)) {
                        result = fill(unpack);
                        if (result == UNPACK_END && unpack->open)
                                return UNPACK_CUT;
                        if (result == UNPACK_MORE && unpack->kind == UNDECIDED)
                                result = decide(unpack);
                        if (result != UNPACK_MORE)
                                return result;
                }
                if (unpack->kind == PLAIN) {
                        *data = unpack->in + unpack->in_at;
                        *length_bytes = unpack->in_end - unpack->in_at;
                        unpack->in_at = unpack->in_end;
                        return UNPACK_MORE;
                }
                *length_bytes = unpack->kind == GZIP ? run_gzip(unpack) : run_zstd(unpack);
                if (*length_bytes == SIZE_MAX)
                        return unpack->no_memory ? UNPACK_NO_MEMORY : UNPACK_BROKEN;
                if (*length_bytes > 0)
                        return UNPACK_MORE;
                drained = true;
        }
}
