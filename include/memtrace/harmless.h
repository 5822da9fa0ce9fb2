/*
 * Which characters of a name from outside may be shown on a terminal: by the analyzer, and in the lines that
 * the tracer and the collector write.
 */
#ifndef MEMTRACE_HARMLESS_H
#define MEMTRACE_HARMLESS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What moves the cursor, starts a line or turns the direction of the text around it. */
static inline int mtr_is_harmful(uint32_t code) {
        return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c || code == 0x200e ||
               code == 0x200f || (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

/* Bytes of the UTF-8 character at `at` that may be shown as they are; 0: the byte there may not. */
static inline size_t mtr_harmless_bytes(const uint8_t *at, size_t left_bytes) {
        static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
        size_t length = *at < 0x80 ? 1 : *at >= 0xf0 ? 4 : *at >= 0xe0 ? 3 : *at >= 0xc2 ? 2 : 0;
        uint32_t code = length > 1 ? *at & (0x7fu >> length) : *at;

        if (length == 0 || length > left_bytes || *at > 0xf4)
                return 0;
        for (size_t i = 1; i < length; i++) {
                if ((at[i] & 0xc0) != 0x80)
                        return 0;
                code = code << 6 | (at[i] & 0x3f);
        }
        if (code < least[length] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
                return 0;
        return mtr_is_harmful(code) ? 0 : length;
}

/* `text` as it may be shown, with ? for each byte that may not, cut to `room`; returns `room`. */
static inline const char *mtr_harmless_text(const char *text, char *room, size_t room_bytes) {
        size_t used = 0;

        for (size_t shown, bytes; *text; text += bytes, used += bytes) {
                shown = mtr_harmless_bytes((const uint8_t *)text, strlen(text));
                bytes = shown ? shown : 1;
                if (used + bytes >= room_bytes)
                        break;
                memcpy(room + used, shown ? text : "?", bytes);
        }
        room[used] = '\0';
        return room;
}

#endif
