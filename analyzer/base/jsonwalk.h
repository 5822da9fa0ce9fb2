/*
 * A walk over a JSON file that people write: objects by tables of what they may have, each by its name once,
 * and messages that say FILE:LINE.
 *
 * Must not: keep more than one value.
 */
#ifndef ANALYZER_BASE_JSONWALK_H
#define ANALYZER_BASE_JSONWALK_H

#include "base/jsontext.h"

struct jsonwalk {
        const char *name; /* of the file */
        struct jsontext text;
        const char *at; /* where begins what is being read, and messages are of */
        void *context;  /* the caller's */
};

/* Reads the value that comes next, which has that name. 0 or a negative errno already reported. */
typedef int jsonwalk_take(struct jsonwalk *walk, const char *name);

struct jsonwalk_member {
        const char *name;
        jsonwalk_take *take;
        bool needed;
};

struct jsonwalk jsonwalk_over(const char *text, size_t length_bytes, const char *name, void *context);

/* One line on stderr: the file, the line that `at` is in, what is wrong. -EINVAL. */
__attribute__((format(printf, 2, 3))) int jsonwalk_wrong(struct jsonwalk *walk, const char *format, ...);

/* The line that `at` is in, from 1. */
size_t jsonwalk_line(const struct jsonwalk *walk);

int jsonwalk_no_memory(const struct jsonwalk *walk);

/* Whether the value that comes next, which `at` is then of, begins with that letter. */
bool jsonwalk_begins(struct jsonwalk *walk, char letter);

/* The value that comes next, which `at` is then of; the caller's to json_decref. NULL after a report. */
json_t *jsonwalk_value(struct jsonwalk *walk);

/* A jsonwalk_take that passes over the value. */
int jsonwalk_skip(struct jsonwalk *walk, const char *name);

/*
 * An object. `members` end with a NULL name; what has another name goes to `other`, or is refused where that
 * is NULL. 0 or a negative errno already reported.
 */
int jsonwalk_object(struct jsonwalk *walk, const struct jsonwalk_member *members, jsonwalk_take *other);

/* An array; each of its items is read by `take`, whose name is then the array's. As jsonwalk_object. */
int jsonwalk_array(struct jsonwalk *walk, const char *name, jsonwalk_take *take);

/* Nothing is left behind it. 0 or -EINVAL, reported. */
int jsonwalk_end(struct jsonwalk *walk);

#endif
