/*
 * What the builder's parts put their bytes together with: the format's numbers, strings and records.
 * Knows nothing of what a trace says. Running out of memory aborts.
 */
#ifndef TESTS_TRACE_BUILDER_BYTES_H
#define TESTS_TRACE_BUILDER_BYTES_H

#include <stddef.h>
#include <stdint.h>

struct tb_bytes {
        uint8_t *data;
        size_t length, capacity;
};

/* memory, which was asked for: NULL aborts. */
void *tb_need(void *memory);
uint32_t tb_crc32c(const void *data, size_t length);

void tb_append(struct tb_bytes *bytes, const void *data, size_t length);
void tb_varint(struct tb_bytes *bytes, uint64_t value);
void tb_svarint(struct tb_bytes *bytes, int64_t value);
/* length, then so many bytes of text */
void tb_put_string(struct tb_bytes *bytes, const char *text, size_t length);
/* type and length, then the body */
void tb_put_record(struct tb_bytes *bytes, uint32_t type, const void *body, size_t length);

#endif
