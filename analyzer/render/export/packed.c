/*
 * See packed.h. One thread.
 */
#include "render/export/packed.h"

#include "base/message.h"
#include "base/path.h"

#include <errno.h>

/* False: no memory, the only thing that can fail. */
static bool put_zstd(struct packed *packed, const void *bytes, size_t length_bytes, ZSTD_EndDirective how) {
        ZSTD_inBuffer in = { bytes, length_bytes, 0 };
        char piece[1 << 14];
        size_t left;

        do {
                ZSTD_outBuffer out = { piece, sizeof(piece), 0 };

                left = ZSTD_compressStream2(packed->zstd, &out, &in, how);
                if (ZSTD_isError(left))
                        return false;
                fwrite(piece, 1, out.pos, packed->under);
        } while (how == ZSTD_e_end ? left > 0 : in.pos < in.size);
        return true;
}

static ssize_t take(void *cookie, const char *bytes, size_t length_bytes) {
        struct packed *packed = cookie;

        if (packed->gzip)
                gzip_put(packed->gzip, bytes, length_bytes);
        else if (!packed->no_memory)
                packed->no_memory = !put_zstd(packed, bytes, length_bytes, ZSTD_e_continue);
        return (ssize_t)length_bytes;
}

static void forget(struct packed *packed) {
        gzip_free(packed->gzip);
        ZSTD_freeCCtx(packed->zstd);
}

static int no_memory(const struct packed *packed) {
        return message_errno(ENOMEM, packed->name, "cannot compress");
}

bool packed_is(const char *name) {
        return path_ends_with(name, ".gz") || path_ends_with(name, ".zst");
}

int packed_begin(struct packed *packed, const char *name, FILE *under) {
        *packed = (struct packed){ .stream = under, .under = under, .name = name };
        if (!packed_is(name))
                return 0;
        if (path_ends_with(name, ".gz")) {
                packed->gzip = gzip_new(under);
                if (!packed->gzip)
                        return -ENOMEM;
        } else {
                packed->zstd = ZSTD_createCCtx();
                if (!packed->zstd ||
                    ZSTD_isError(ZSTD_CCtx_setParameter(packed->zstd, ZSTD_c_checksumFlag, 1))) {
                        forget(packed);
                        return no_memory(packed);
                }
        }
        packed->stream = fopencookie(packed, "w", (cookie_io_functions_t){ .write = take });
        if (packed->stream)
                return 0;
        forget(packed);
        return no_memory(packed);
}

int packed_end(struct packed *packed, int error) {
        if (packed->stream == packed->under)
                return error;
        /* what is in its buffer; the cookie takes all */
        fclose(packed->stream);
        if (packed->zstd && !packed->no_memory)
                packed->no_memory = !put_zstd(packed, NULL, 0, ZSTD_e_end);
        forget(packed);
        return packed->no_memory && error == 0 ? no_memory(packed) : error;
}
