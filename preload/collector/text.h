/*
 * Short texts: paths and the one line that says what went wrong. Cut, never overrun.
 *
 * Runs in the collector's one thread. Must not: use stdio, which may allocate and lock.
 */
#ifndef MEMTRACE_COLLECTOR_TEXT_H
#define MEMTRACE_COLLECTOR_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Always NUL-terminated once initialised; `cut` is set when something did not fit. */
struct text {
        char *data;
        size_t size;
        size_t length;
        bool cut;
};

static inline struct text text_in(char *data, size_t size) {
        data[0] = '\0';
        return (struct text){ .data = data, .size = size };
}

static inline void text_bytes(struct text *text, const char *bytes, size_t length) {
        size_t room = text->size - 1 - text->length;

        if (length > room) {
                length = room;
                text->cut = true;
        }
        memcpy(text->data + text->length, bytes, length);
        text->length += length;
        text->data[text->length] = '\0';
}

static inline void text_string(struct text *text, const char *string) {
        text_bytes(text, string, strlen(string));
}

static inline void text_number(struct text *text, uint64_t number) {
        char digits[20];
        size_t at = sizeof(digits);

        do {
                digits[--at] = (char)('0' + number % 10);
                number /= 10;
        } while (number != 0);
        text_bytes(text, digits + at, sizeof(digits) - at);
}

/* A number in `base` from *at, which is left behind its last digit. */
static inline uint64_t text_parse(const char **at, unsigned base) {
        uint64_t number = 0;

        for (;; (*at)++) {
                unsigned digit = (unsigned)(**at - '0');

                if (digit > 9)
                        digit = **at >= 'a' && **at <= 'f' ? (unsigned)(**at - 'a') + 10 : base;
                if (digit >= base)
                        return number;
                number = number * base + digit;
        }
}

#endif
