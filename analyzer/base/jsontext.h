/*
 * A walk over a JSON text value by value, so that of a large one never more than a row is in memory as
 * jansson's values: those of a hostile text may take fifty times its bytes.
 *
 * Must not: know what the values mean, or report anything.
 */
#ifndef ANALYZER_BASE_JSONTEXT_H
#define ANALYZER_BASE_JSONTEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSONTEXT_VALUE_MAX (4u << 20) /* bytes of one value */

struct jsontext {
        const char *start, *at, *end;
        char wrong[JSON_ERROR_TEXT_LENGTH]; /* what the last jsontext_value() that failed found, in words */
};

struct jsontext jsontext_over(const char *text, size_t length_bytes);

/* Passes over blanks, and over `letter` where it comes next. */
bool jsontext_take(struct jsontext *text, char letter);

bool jsontext_at_end(struct jsontext *text);

/*
 * The value that comes next, whole, without duplicate names; the caller's to json_decref. NULL: there is none
 * that can be read, `wrong` says why, and the walk stands where.
 */
json_t *jsontext_value(struct jsontext *text);

/* The line that the walk stands in, from 1. */
size_t jsontext_line(const struct jsontext *text);

#endif
