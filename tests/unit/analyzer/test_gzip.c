/*
 * render/export/gzip: what comes out is what went in, for zlib, whatever the sizes it came in.
 */
#include "render/export/gzip.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define BYTES 1000000

/* Does not compress, so that more comes out than one buffer holds. */
static unsigned char *noise(void) {
        unsigned char *bytes = malloc(BYTES);
        uint32_t state = 1;

        cr_assert(bytes);
        for (size_t i = 0; i < BYTES; i++) {
                state = state * 1664525 + 1013904223;
                bytes[i] = (unsigned char)(state >> 24);
        }
        return bytes;
}

/* Holds what is unpacked from `length` bytes, one member and nothing behind it, against `wanted`. */
static void unpacks_to(char *packed, size_t length, const unsigned char *wanted, size_t wanted_bytes) {
        unsigned char *out = malloc(wanted_bytes + 1);
        z_stream stream = { .next_in = (unsigned char *)packed,
                            .avail_in = (unsigned)length,
                            .next_out = out,
                            .avail_out = (unsigned)wanted_bytes + 1 };

        cr_assert(out);
        cr_assert_eq(inflateInit2(&stream, MAX_WBITS + 16), Z_OK);
        cr_assert_eq(inflate(&stream, Z_FINISH), Z_STREAM_END);
        cr_assert_eq(stream.avail_in, 0);
        cr_assert_eq(stream.total_out, wanted_bytes);
        cr_assert_arr_eq(out, wanted, wanted_bytes);
        inflateEnd(&stream);
        free(out);
}

static void packed_in_pieces_of(size_t piece_bytes, size_t wanted_bytes) {
        unsigned char *bytes = noise();
        char *packed;
        size_t length;
        FILE *stream = open_memstream(&packed, &length);
        struct gzip *gzip = gzip_new(stream);

        cr_assert(gzip);
        for (size_t at = 0; at < wanted_bytes; at += piece_bytes)
                gzip_put(gzip, bytes + at, at + piece_bytes < wanted_bytes ? piece_bytes : wanted_bytes - at);
        gzip_free(gzip);
        cr_assert_eq(fclose(stream), 0);
        unpacks_to(packed, length, bytes, wanted_bytes);
        free(packed);
        free(bytes);
}

Test(gzip, pieces_of_any_size_come_out_again) {
        packed_in_pieces_of(1, 100000);
        packed_in_pieces_of(777, BYTES);
        packed_in_pieces_of(1 << 16, 1 << 17);
        packed_in_pieces_of(BYTES, BYTES);
        packed_in_pieces_of(1, 0);
}

Test(gzip, freeing_none_is_fine) {
        gzip_free(NULL);
}
