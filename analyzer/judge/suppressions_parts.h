/*
 * Between suppressions_read.c, which has the lines of a file, and suppressions_entry.c, which knows what
 * stands in Valgrind's entries. What is wrong is told with its line where it is found, and ends the reading.
 *
 * Must not: be of use to anybody else.
 */
#ifndef ANALYZER_JUDGE_SUPPRESSIONS_PARTS_H
#define ANALYZER_JUDGE_SUPPRESSIONS_PARTS_H

#include "judge/suppressions.h"

#define SUPPRESSIONS_BLANK " \t\r\v\f"

/* A text as it is read. */
struct suppressions_reading {
        struct suppressions *suppressions;
        const char *name;
        bool builtin;
        const char *at, *end;
        char *line; /* without what is blank on both sides; heap */
        size_t line_capacity;
        unsigned long number, opened; /* of the line; of the one that opens the entry */
        size_t passed_over;
        unsigned long first_passed_over;
};

/* To the next line that is neither blank nor a comment: 1, 0 where there is none, or a negative errno already
 * reported. */
int suppressions_line(struct suppressions_reading *reading);

/* Says what the line is, or is not. -EINVAL. */
int suppressions_wrong(const struct suppressions_reading *reading, const char *what);

/* One more frame of a suppression: by a matcher's number, or SUPPRESSIONS_NONE, any number of them; or by a
 * pattern. 0 or -ENOMEM, already reported. */
int suppressions_add_frame(struct suppressions_reading *reading, struct suppression *item, uint32_t matcher);
int suppressions_add_pattern(struct suppressions_reading *reading, struct suppression *item,
                             enum matcher_of of, const char *pattern, uint32_t line);

/* The suppression that began in line `number` is whole; taken over in any case. 0 or a negative errno already
 * reported. */
int suppressions_add_item(struct suppressions_reading *reading, struct suppression *item,
                          unsigned long number);

void suppressions_drop(struct suppression *item);

/* All of an entry, from the line after its "{". 0 or a negative errno already reported. */
int suppressions_entry(struct suppressions_reading *reading);

#endif
