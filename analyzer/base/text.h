/*
 * Numbers and names as people read them: sizes by tracemalloc's rule to the digit, times,
 * and strings from hostile places with nothing in them that a terminal would obey.
 *
 * Must not: depend on the locale.
 */
#ifndef ANALYZER_BASE_TEXT_H
#define ANALYZER_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct size_text {
        char text[40];
};

/*
 * Walks B, KiB, MiB, GiB, TiB by 1024 as tracemalloc's _format_size does: `with_sign` puts
 * a + before what is not negative. By value, so that several stand in one printf.
 */
struct size_text text_size(double size_bytes, bool with_sign);

/* "1.234 s": whole milliseconds that have passed, as the machine-readable forms have them. */
struct size_text text_seconds(uint64_t time_ns);

/* Three digits and the largest unit that has any, but whole milliseconds as they are: "7 ms", "12.3 ms",
 * "1.50 s", "2.05 min", "3.00 h", "12.0 d". */
struct size_text text_duration(double time_ms);

/*
 * `text` with control characters (C0, DEL, C1) and bytes that are not UTF-8 as \xNN, for
 * terminals, and for JSON (which has no room for bytes that are not UTF-8). NULL: no memory.
 */
char *text_escape(const char *text, size_t length_bytes);

/* The same, straight to a stream. */
void text_put(FILE *stream, const char *text);
void text_put_bytes(FILE *stream, const char *text, size_t length_bytes);

#endif
