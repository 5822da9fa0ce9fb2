/*
 * See bytes.h.
 */
#include "base/bytes.h"

#include "base/array.h"

#include <string.h>

void bytes_deinit(struct bytes *bytes) {
        free(bytes->data);
        *bytes = (struct bytes){ 0 };
}

void bytes_put(struct bytes *bytes, const void *data, size_t length_bytes) {
        size_t wanted;

        if (bytes->no_memory || length_bytes == 0)
                return;
        if (__builtin_add_overflow(bytes->length, length_bytes, &wanted) ||
            array_reserve(&bytes->data, &bytes->capacity, wanted, 1) < 0) {
                bytes->no_memory = true;
                return;
        }
        memcpy(bytes->data + bytes->length, data, length_bytes);
        bytes->length = wanted;
}

void bytes_varint(struct bytes *bytes, uint64_t value) {
        uint8_t encoded[10];
        size_t length = 0;

        for (; value >= 0x80; value >>= 7)
                encoded[length++] = (uint8_t)(value | 0x80);
        encoded[length++] = (uint8_t)value;
        bytes_put(bytes, encoded, length);
}

void bytes_svarint(struct bytes *bytes, int64_t value) {
        bytes_varint(bytes, (uint64_t)value << 1 ^ (uint64_t)(value >> 63));
}

void bytes_string(struct bytes *bytes, const char *text, size_t length_bytes) {
        bytes_varint(bytes, length_bytes);
        bytes_put(bytes, text, length_bytes);
}

void bytes_add(struct bytes *bytes, const struct bytes *other) {
        bytes_put(bytes, other->data, other->length);
        bytes->no_memory |= other->no_memory;
}
