/*
 * A stream of bytes out of a plain, gzip or zstd file. One thread.
 *
 * Must not: say anything to the user, or hold more than a piece of it.
 */
#ifndef ANALYZER_IMPORT_UNPACK_H
#define ANALYZER_IMPORT_UNPACK_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct unpack;

enum unpack_result {
        UNPACK_MORE = 1,
        UNPACK_END = 0,
        UNPACK_CUT = -1,    /* the compressed stream breaks off */
        UNPACK_BROKEN = -2, /* it does not unpack */
        UNPACK_UNREAD = -3, /* errno says why */
        UNPACK_NO_MEMORY = -4,
};

/* From where the stream stands. NULL: no memory. */
struct unpack *unpack_new(FILE *stream);
void unpack_free(struct unpack *unpack);

/* The next bytes, at least one with UNPACK_MORE; they live until the next call. */
enum unpack_result unpack_next(struct unpack *unpack, const uint8_t **data, size_t *length_bytes);

#endif
