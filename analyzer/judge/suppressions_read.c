/*
 * See suppressions.h and suppressions_parts.h: files, their lines, and the sanitizers' syntax.
 */
#include "judge/suppressions_parts.h"

#include "base/array.h"
#include "base/message.h"
#include "base/whole.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES_MAX (16ull << 20)
#define LINE_BYTES_MAX (64u << 10)

int suppressions_line(struct suppressions_reading *reading) {
        while (reading->at < reading->end) {
                const char *from = reading->at;
                const char *newline = memchr(from, '\n', (size_t)(reading->end - from));
                const char *to = newline ? newline : reading->end;

                reading->at = newline ? newline + 1 : reading->end;
                reading->number++;
                if (memchr(from, '\0', (size_t)(to - from))) {
                        message("%s:%lu: a NUL byte, as no suppressions have", reading->name,
                                reading->number);
                        return -EINVAL;
                }
                while (from < to && strchr(SUPPRESSIONS_BLANK, *from))
                        from++;
                while (from < to && strchr(SUPPRESSIONS_BLANK, to[-1]))
                        to--;
                if (from == to || *from == '#')
                        continue;
                if ((size_t)(to - from) > LINE_BYTES_MAX) {
                        message("%s:%lu: a line of more than %u KiB", reading->name, reading->number,
                                LINE_BYTES_MAX >> 10);
                        return -EINVAL;
                }
                if (array_reserve(&reading->line, &reading->line_capacity, (size_t)(to - from) + 1, 1) < 0)
                        return message_errno(ENOMEM, reading->name, "cannot read");
                memcpy(reading->line, from, (size_t)(to - from));
                reading->line[to - from] = '\0';
                return 1;
        }
        return 0;
}

int suppressions_wrong(const struct suppressions_reading *reading, const char *what) {
        message("%s:%lu: \"%.80s\" %s", reading->name, reading->number, reading->line, what);
        return -EINVAL;
}

void suppressions_drop(struct suppression *item) {
        free(item->text);
        free(item->origin);
        free(item->frames);
}

int suppressions_add_frame(struct suppressions_reading *reading, struct suppression *item, uint32_t matcher) {
        if (array_reserve(&item->frames, &item->frames_capacity, item->frame_count + 1,
                          sizeof(*item->frames)) < 0)
                return message_errno(ENOMEM, reading->name, "cannot keep its suppressions");
        item->frames[item->frame_count++] = matcher;
        return 0;
}

int suppressions_add_pattern(struct suppressions_reading *reading, struct suppression *item,
                             enum matcher_of of, const char *pattern, uint32_t line) {
        uint32_t matcher;

        if (matchers_add(&reading->suppressions->matchers, of, pattern, line, &matcher) < 0)
                return message_errno(ENOMEM, reading->name, "cannot keep its suppressions");
        return suppressions_add_frame(reading, item, matcher);
}

int suppressions_add_item(struct suppressions_reading *reading, struct suppression *item,
                          unsigned long number) {
        int error;

        item->builtin = reading->builtin;
        if (reading->suppressions->count >= SUPPRESSIONS_MAX) {
                message("%s:%lu: more than %u suppressions", reading->name, number, SUPPRESSIONS_MAX);
                suppressions_drop(item);
                return -EINVAL;
        }
        if (asprintf(&item->origin, "%s:%lu", reading->name, number) < 0)
                item->origin = NULL;
        error = item->origin && item->text ? suppressions_add(reading->suppressions, item) : -ENOMEM;
        if (error < 0) {
                suppressions_drop(item);
                return message_errno(ENOMEM, reading->name, "cannot keep its suppressions");
        }
        return 0;
}

static int read_sanitizer(struct suppressions_reading *reading) {
        struct suppression item = { .text = strdup(reading->line) };
        const char *pattern = reading->line + strlen("leak:");
        int error;

        if (pattern[strspn(pattern, "^$")] == '\0') {
                free(item.text);
                return suppressions_wrong(reading, "has no pattern behind leak:");
        }
        error = suppressions_add_frame(reading, &item, SUPPRESSIONS_NONE);
        if (error == 0)
                error = suppressions_add_pattern(reading, &item, MATCHER_ANY, pattern, 0);
        if (error < 0) {
                suppressions_drop(&item);
                return error;
        }
        return suppressions_add_item(reading, &item, reading->number);
}

static int read_one(struct suppressions_reading *reading) {
        if (strcmp(reading->line, "{") == 0)
                return suppressions_entry(reading);
        if (strncmp(reading->line, "leak:", strlen("leak:")) == 0)
                return read_sanitizer(reading);
        return suppressions_wrong(
                reading,
                "is neither leak:PATTERN, which is all that is taken of the sanitizers' types, nor the "
                "\"{\" that an entry begins with");
}

int suppressions_read_text(struct suppressions *suppressions, const char *text, size_t length_bytes,
                           const char *name, bool builtin) {
        struct suppressions_reading reading = { .suppressions = suppressions,
                                                .name = name,
                                                .builtin = builtin,
                                                .at = text,
                                                .end = text + length_bytes };
        int got;

        while ((got = suppressions_line(&reading)) > 0) {
                got = read_one(&reading);
                if (got < 0)
                        break;
        }
        free(reading.line);
        if (got == 0 && reading.passed_over > 0)
                message("%s: entries of other kinds than Memcheck:Leak are passed over: %zu, the first in "
                        "line %lu",
                        name, reading.passed_over, reading.first_passed_over);
        return got;
}

int suppressions_read(struct suppressions *suppressions, const char *path) {
        size_t length_bytes;
        char *text = whole_read(path, FILE_BYTES_MAX, &length_bytes);
        int error = text ? suppressions_read_text(suppressions, text, length_bytes, path, false) : -EIO;

        free(text);
        return error;
}
