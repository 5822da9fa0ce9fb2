/*
 * See trace_builder_bytes.h. CRC-32C here is computed bit by bit, the slow and obvious way.
 */
#include "trace_builder_bytes.h"

#include <memtrace/format.h>

#include <stdlib.h>
#include <string.h>

void *tb_need(void *memory) {
        if (!memory)
                abort();
        return memory;
}

uint32_t tb_crc32c(const void *data, size_t length) {
        const uint8_t *bytes = data;
        uint32_t crc = ~0u;

        for (size_t i = 0; i < length; i++) {
                crc ^= bytes[i];
                for (int bit = 0; bit < 8; bit++)
                        crc = crc & 1 ? crc >> 1 ^ 0x82f63b78u : crc >> 1;
        }
        return ~crc;
}

void tb_append(struct tb_bytes *bytes, const void *data, size_t length) {
        if (bytes->length + length > bytes->capacity) {
                bytes->capacity = (bytes->length + length) * 2 + 64;
                bytes->data = tb_need(realloc(bytes->data, bytes->capacity));
        }
        if (length > 0)
                memcpy(bytes->data + bytes->length, data, length);
        bytes->length += length;
}

void tb_varint(struct tb_bytes *bytes, uint64_t value) {
        do {
                uint8_t byte = (uint8_t)(value & 0x7f) | (value > 0x7f ? 0x80 : 0);

                tb_append(bytes, &byte, 1);
                value >>= 7;
        } while (value);
}

void tb_svarint(struct tb_bytes *bytes, int64_t value) {
        tb_varint(bytes, value < 0 ? (uint64_t)(-(value + 1)) * 2 + 1 : (uint64_t)value * 2);
}

void tb_put_string(struct tb_bytes *bytes, const char *text, size_t length) {
        tb_varint(bytes, length);
        tb_append(bytes, text, length);
}

void tb_put_record(struct tb_bytes *bytes, uint32_t type, const void *body, size_t length) {
        struct mtr_record record = { type, (uint32_t)length };

        tb_append(bytes, &record, sizeof(record));
        tb_append(bytes, body, length);
}
