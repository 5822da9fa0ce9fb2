/*
 * Files that are there whole or not at all: written under another name beside their own, which they get last.
 * And read whole. Where the process ends by exit(), nothing is left of those that are not finished;
 * what a process that was killed left, goes when the same file is written again.
 *
 * Must not: write over a file, unless that is what was asked for.
 */
#ifndef ANALYZER_BASE_WHOLE_H
#define ANALYZER_BASE_WHOLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct whole {
        FILE *stream; /* to write to */
        char *path, *temporary;
        bool replaces;
};

/* 0 or a negative errno already reported: -EEXIST where there is such a file. */
int whole_begin(struct whole *whole, const char *path);

/* The same, but what has the name loses it to the new file once that is done. A link's target is replaced,
 * not the link. */
int whole_begin_again(struct whole *whole, const char *path);

/* As whole_begin, but "-" is standard output, to which whole_end() does nothing. */
int whole_begin_or_stdout(struct whole *whole, const char *path);

/* whole_finish, or whole_abandon where `error`, a negative errno already reported, says that it is not done.
 */
int whole_end(struct whole *whole, int error);

/* The file is done, and gets its name. 0, or a negative errno already reported, and nothing is left of it. */
int whole_finish(struct whole *whole);

/* Writes all that was put to a stream. 0, or a negative errno, not reported, where now or before that failed:
 * what is there then is in pieces, and may end on a newline that nobody put. */
int whole_flush(FILE *stream);

/* Nothing is left of it. */
void whole_abandon(struct whole *whole);

/* Whether two names are of one file. What is not there is none. */
bool whole_same(const char *one, const char *other);

/*
 * All of a plain file of at most so many bytes; one that grows or shrinks meanwhile is what was there. Heap,
 * and a NUL behind its end; NULL after a report.
 */
char *whole_read(const char *path, uint64_t most_bytes, size_t *length_bytes);

#endif
