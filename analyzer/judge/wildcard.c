/*
 * See wildcard.h.
 */
#include "judge/wildcard.h"

#include <string.h>

bool wildcard_finds(const char *pattern, const char *text) {
        const char *end = text + strlen(text);
        bool at_start = *pattern == '^', after_star = false;

        if (text == end)
                return false;
        pattern += at_start;
        while (*pattern) {
                size_t length = strcspn(pattern, "*$");
                const char *found;

                if (*pattern == '$')
                        return text == end || after_star;
                if (length == 0) {
                        at_start = false;
                        after_star = true;
                        pattern++;
                        continue;
                }
                found = memmem(text, (size_t)(end - text), pattern, length);
                if (!found || (at_start && found != text))
                        return false;
                text = found + length;
                pattern += length;
                at_start = after_star = false;
        }
        return true;
}

bool wildcard_covers(const char *pattern, const char *text) {
        const char *star = NULL, *resumed = NULL;

        while (*text) {
                if (*pattern == '*') {
                        star = ++pattern;
                        resumed = text;
                } else if (*pattern == '?' || *pattern == *text) {
                        pattern++;
                        text++;
                } else if (star) {
                        /* the last star takes one byte more: what was before it never needs another */
                        pattern = star;
                        text = ++resumed;
                } else {
                        return false;
                }
        }
        return pattern[strspn(pattern, "*")] == '\0';
}

bool wildcard_is_literal(const char *pattern) {
        return !strpbrk(pattern, "*?");
}
