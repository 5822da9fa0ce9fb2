/*
 * Bytes in the making: a buffer that grows, and the trace file's varints. A buffer that found no memory says
 * so once, at the end, and takes nothing more. One thread.
 *
 * Must not: know what the bytes mean.
 */
#ifndef ANALYZER_BASE_BYTES_H
#define ANALYZER_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero: empty. */
struct bytes {
        uint8_t *data;
        size_t length, capacity;
        bool no_memory;
};

void bytes_deinit(struct bytes *bytes);

void bytes_put(struct bytes *bytes, const void *data, size_t length_bytes);
void bytes_varint(struct bytes *bytes, uint64_t value);
void bytes_svarint(struct bytes *bytes, int64_t value);

/* A varint length and so many bytes. */
void bytes_string(struct bytes *bytes, const char *text, size_t length_bytes);

/* All of the other's, and its lack of memory. */
void bytes_add(struct bytes *bytes, const struct bytes *other);

#endif
