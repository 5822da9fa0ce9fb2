/*
 * A name that the program gives, as it is kept: cut, between characters, where it is too long.
 *
 * Any thread. Must not: keep the text, which is the program's.
 */
#ifndef MEMTRACE_TRACER_NAME_H
#define MEMTRACE_TRACER_NAME_H

#include <stdint.h>

#include "session/record.h"

/* Its first `kept` bytes, and a cut mark where that is not all of it. */
struct name {
        const char *text;
        uint32_t kept, length;
};

/* What a name ends in that was cut: U+2026, an ellipsis. */
#define NAME_CUT_MARK "\xe2\x80\xa6"
#define NAME_CUT_BYTES (sizeof(NAME_CUT_MARK) - 1)

/* Of NULL it is one of no bytes. */
static inline struct name name_of(const char *text) {
        uint32_t length = 0;

        while (text && length <= RECORD_NAME_BYTES_MAX && text[length] != '\0')
                length++;
        if (length <= RECORD_NAME_BYTES_MAX)
                return (struct name){ text, length, length };
        length = RECORD_NAME_BYTES_MAX - NAME_CUT_BYTES;
        /* Not within a character of UTF-8, of which at most three bytes follow the first. */
        for (uint32_t back = 0; back < 3 && ((unsigned char)text[length] & 0xc0) == 0x80; back++)
                length--;
        return (struct name){ text, length, length + NAME_CUT_BYTES };
}

/* Of its `length`. */
static inline unsigned char name_byte(const struct name *name, uint32_t at) {
        return (unsigned char)(at < name->kept ? name->text[at] : NAME_CUT_MARK[at - name->kept]);
}

#endif
