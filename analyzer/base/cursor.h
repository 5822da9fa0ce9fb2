/*
 * A bounded walk over bytes that nobody vouches for: every read says whether it stayed
 * inside. After a failed read the cursor is where it was.
 *
 * Must not: read past `end`, trust a length, or report anything.
 */
#ifndef ANALYZER_BASE_CURSOR_H
#define ANALYZER_BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct cursor {
        const uint8_t *at;
        const uint8_t *end;
};

static inline struct cursor cursor_over(const void *data, size_t length_bytes) {
        const uint8_t *bytes = data;

        return (struct cursor){ bytes, bytes + length_bytes };
}

static inline size_t cursor_left(const struct cursor *cursor) {
        return (size_t)(cursor->end - cursor->at);
}

/* The next `length_bytes`, or NULL when there are fewer. */
static inline const uint8_t *cursor_bytes(struct cursor *cursor, uint64_t length_bytes) {
        const uint8_t *bytes = cursor->at;

        if (length_bytes > cursor_left(cursor))
                return NULL;
        cursor->at += length_bytes;
        return bytes;
}

static inline bool cursor_copy(struct cursor *cursor, void *into, size_t length_bytes) {
        const uint8_t *bytes = cursor_bytes(cursor, length_bytes);

        if (bytes)
                memcpy(into, bytes, length_bytes);
        return bytes;
}

/* Unsigned LEB128 of at most 64 bits. Padding with zero groups is accepted, an 11th byte is not. */
static inline bool cursor_varint(struct cursor *cursor, uint64_t *value) {
        const uint8_t *at = cursor->at;
        uint64_t sum = 0;

        for (unsigned shift = 0; shift < 64; shift += 7) {
                uint8_t byte;

                if (at == cursor->end)
                        return false;
                byte = *at++;
                if (shift == 63 && byte > 1)
                        return false;
                sum |= (uint64_t)(byte & 0x7f) << shift;
                if (!(byte & 0x80)) {
                        cursor->at = at;
                        *value = sum;
                        return true;
                }
        }
        return false;
}

/* The same, zigzag: returned in two's complement, so that sums simply wrap. */
static inline bool cursor_svarint(struct cursor *cursor, uint64_t *value) {
        uint64_t zigzag;

        if (!cursor_varint(cursor, &zigzag))
                return false;
        *value = (zigzag >> 1) ^ (0 - (zigzag & 1));
        return true;
}

/* A varint that must be at most `limit`. */
static inline bool cursor_varint_max(struct cursor *cursor, uint64_t limit, uint64_t *value) {
        struct cursor before = *cursor;

        if (cursor_varint(cursor, value) && *value <= limit)
                return true;
        *cursor = before;
        return false;
}

#endif
