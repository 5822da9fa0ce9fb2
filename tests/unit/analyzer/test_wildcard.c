/*
 * judge/wildcard.c: patterns and what they match. What the sanitizers' rules say was tried with their own
 * function.
 */
#include "judge/wildcard.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

struct sample {
        const char *pattern, *text;
        bool matches;
};

Test(wildcard, sanitizers_patterns_are_found_anywhere) {
        static const struct sample samples[] = {
                { "foo", "foo", true },
                { "foo", "a foo b", true },
                { "foo", "fo", false },
                { "foo", "", false },
                { "", "foo", true },
                { "", "", false },
                { "*", "", false },
                { "*", "x", true },
                { "^foo", "foobar", true },
                { "^foo", "a foo", false },
                { "^foo", "foofoo", true },
                { "foo$", "a foo", true },
                { "foo$", "foo b", false },
                { "^foo$", "foo", true },
                { "^foo$", "foofoo", false },
                /* what is between stars is taken where it is found first, and then is not at the end */
                { "foo$", "foofoo", false },
                { "*foo$", "foofoo", false },
                { "foo*$", "foo b", true },
                { "foo*$", "foo", true },
                { "a*b", "xaxbx", true },
                { "a*b", "xbxax", false },
                { "^a*b$", "acccb", true },
                { "^a*b$", "acccbb", false },
                { "^*a", "xa", true },
                { "a**b", "ab", true },
                { "a^b", "a^b", true },
                { "^^a", "^a", true },
                { "^^a", "a", false },
                { "a$b", "xa", true },
                { "a$b", "a$b", false },
                { "$", "a", false },
                { "*$", "a", true },
                { "^$", "a", false },
                { "?", "a", false },
                { "operator new", "operator new(unsigned long)", true },
                { "libfoo.so", "/usr/lib/libfoo.so.1", true },
        };

        for (size_t i = 0; i < sizeof(samples) / sizeof(*samples); i++)
                cr_expect_eq(wildcard_finds(samples[i].pattern, samples[i].text), samples[i].matches,
                             "%s in %s", samples[i].pattern, samples[i].text);
}

Test(wildcard, valgrinds_patterns_are_of_the_whole_text) {
        static const struct sample samples[] = {
                { "foo", "foo", true },
                { "foo", "foob", false },
                { "foo", "afoo", false },
                { "foo", "", false },
                { "", "", true },
                { "*", "", true },
                { "?", "", false },
                { "?", "a", true },
                { "?", "ab", false },
                { "*alloc", "malloc", true },
                { "*alloc", "reallocarray", false },
                { "*alloc*", "reallocarray", true },
                { "a*b*c", "abbc", true },
                { "a*b*c", "abcb", false },
                { "a*b*c", "abcbc", true },
                { "*a?c", "abcaxc", true },
                { "a*", "a", true },
                { "a**", "a", true },
                { "a*?", "a", false },
                { "f(char const*)", "f(char const*)", true },
                { "^a", "a", false },
                { "[ab]", "a", false },
                { "\\*", "\\xyz", true },
        };

        for (size_t i = 0; i < sizeof(samples) / sizeof(*samples); i++)
                cr_expect_eq(wildcard_covers(samples[i].pattern, samples[i].text), samples[i].matches,
                             "%s of %s", samples[i].pattern, samples[i].text);
        cr_expect(wildcard_is_literal("a^b$[c]"));
        cr_expect(!wildcard_is_literal("a?"));
        cr_expect(!wildcard_is_literal("*"));
}

/* Backtracking over every star would take longer than anybody has. */
Test(wildcard, many_stars_take_no_time, .timeout = 30) {
        size_t stars = 1000, length = 20000;
        char *pattern = calloc(1, 2 * stars + 3), *text = calloc(1, length + 1);

        for (size_t i = 0; i < stars; i++)
                memcpy(pattern + 2 * i, "a*", 2);
        strcpy(pattern + 2 * stars, "b");
        memset(text, 'a', length);
        cr_expect(!wildcard_covers(pattern, text));
        cr_expect(!wildcard_finds(pattern, text));
        text[length - 1] = 'b';
        cr_expect(wildcard_covers(pattern, text));
        cr_expect(wildcard_finds(pattern, text));
        free(pattern);
        free(text);
}
