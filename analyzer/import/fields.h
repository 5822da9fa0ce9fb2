/*
 * The words of a line of heaptrack's: hexadecimal numbers with a blank between two. A failed read leaves the
 * place where it was.
 *
 * Must not: read past the line's NUL.
 */
#ifndef ANALYZER_IMPORT_FIELDS_H
#define ANALYZER_IMPORT_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

/* The next number of up to 16 digits, and the blank behind it. */
static inline bool fields_hex(const char **at, uint64_t *value) {
        const char *digit = *at;
        uint64_t sum = 0;

        for (;; digit++) {
                if (*digit >= '0' && *digit <= '9')
                        sum = sum << 4 | (uint64_t)(*digit - '0');
                else if (*digit >= 'a' && *digit <= 'f')
                        sum = sum << 4 | (uint64_t)(*digit - 'a' + 10);
                else
                        break;
                if (digit - *at == 16)
                        return false;
        }
        if (digit == *at || (*digit && *digit != ' '))
                return false;
        *at = digit + (*digit == ' ');
        *value = sum;
        return true;
}

/* A number of at most `most`. */
static inline bool fields_hex_max(const char **at, uint64_t most, uint64_t *value) {
        const char *before = *at;

        if (fields_hex(at, value) && *value <= most)
                return true;
        *at = before;
        return false;
}

#endif
