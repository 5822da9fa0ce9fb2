/*
 * Bytes of the trace in the making: a growable buffer and the format's varints.
 *
 * Runs in the collector's one thread. Must not: know what the bytes mean.
 */
#ifndef MEMTRACE_COLLECTOR_ENCODE_H
#define MEMTRACE_COLLECTOR_ENCODE_H

#include <string.h>

#include "collector/memory.h"

#define VARINT_MAX_BYTES 10u
#define VARINT28_ROOM 4u /* encode_varint28 stores this much whatever it uses */

struct buffer {
        struct array bytes;
        size_t used;
};

/* Room for `extra` more bytes. False: no memory. */
static inline bool buffer_reserve(struct buffer *buffer, size_t extra) {
        return array_reserve(&buffer->bytes, buffer->used + extra);
}

static inline uint8_t *buffer_end(struct buffer *buffer) {
        return (uint8_t *)buffer->bytes.data + buffer->used;
}

static inline void buffer_deinit(struct buffer *buffer) {
        array_deinit(&buffer->bytes);
        buffer->used = 0;
}

/* The four below take room for granted: the caller has reserved it. */
static inline void buffer_put(struct buffer *buffer, const void *data, size_t length) {
        if (length != 0)
                memcpy(buffer_end(buffer), data, length);
        buffer->used += length;
}

static inline unsigned encode_varint(uint8_t *to, uint64_t value) {
        unsigned length = 0;

        while (value >= 0x80) {
                to[length++] = (uint8_t)(value | 0x80);
                value >>= 7;
        }
        to[length++] = (uint8_t)value;
        return length;
}

static inline void buffer_varint(struct buffer *buffer, uint64_t value) {
        buffer->used += encode_varint(buffer_end(buffer), value);
}

static inline void buffer_svarint(struct buffer *buffer, int64_t value) {
        buffer_varint(buffer, (uint64_t)value << 1 ^ (uint64_t)(value >> 63));
}

/* encode_varint of a value below 2^28 without a branch on it, which in the event stream would
 * be mispredicted at every other event. */
static inline unsigned encode_varint28(uint8_t *to, uint32_t value) {
        uint32_t spread =
                (value & 0x7f) | (value << 1 & 0x7f00) | (value << 2 & 0x7f0000) | (value << 3 & 0x7f000000);
        unsigned top_bit = 31u ^ (unsigned)__builtin_clz(value | 1);
        unsigned length = (top_bit * 9 + 73) >> 6; /* top_bit / 7 + 1 for all top bits below 28 */

        spread |= 0x80808080u & ((UINT32_C(1) << (8 * (length - 1))) - 1);
        __builtin_memcpy(to, &spread, sizeof(spread)); /* one store, under -fno-builtin too */
        return length;
}

#endif
