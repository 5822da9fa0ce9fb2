/*
 * See gzip.h. One thread.
 */
#include "render/export/gzip.h"

#include "base/message.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define GZIP_FORMAT 16 /* what zlib wants added to the window's bits for gzip's header and end */

struct gzip {
        z_stream deflate;
        FILE *stream;
        size_t used;
        unsigned char in[1 << 16], out[1 << 16];
};

struct gzip *gzip_new(FILE *stream) {
        struct gzip *gzip = calloc(1, sizeof(*gzip));

        if (gzip)
                gzip->stream = stream;
        if (gzip && deflateInit2(&gzip->deflate, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + GZIP_FORMAT,
                                 MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY) == Z_OK)
                return gzip;
        free(gzip);
        message("no memory to compress with");
        return NULL;
}

static void compress_all(struct gzip *gzip, int flush) {
        gzip->deflate.next_in = gzip->in;
        gzip->deflate.avail_in = (unsigned)gzip->used;
        do {
                gzip->deflate.next_out = gzip->out;
                gzip->deflate.avail_out = sizeof(gzip->out);
                deflate(&gzip->deflate, flush);
                fwrite(gzip->out, 1, sizeof(gzip->out) - gzip->deflate.avail_out, gzip->stream);
        } while (gzip->deflate.avail_out == 0);
        gzip->used = 0;
}

void gzip_put(struct gzip *gzip, const void *bytes, size_t length_bytes) {
        const unsigned char *from = bytes;

        while (length_bytes > 0) {
                size_t room = sizeof(gzip->in) - gzip->used;
                size_t taken = length_bytes < room ? length_bytes : room;

                memcpy(gzip->in + gzip->used, from, taken);
                gzip->used += taken;
                from += taken;
                length_bytes -= taken;
                if (gzip->used == sizeof(gzip->in))
                        compress_all(gzip, Z_NO_FLUSH);
        }
}

void gzip_free(struct gzip *gzip) {
        if (!gzip)
                return;
        compress_all(gzip, Z_FINISH);
        deflateEnd(&gzip->deflate);
        free(gzip);
}
