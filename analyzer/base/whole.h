/*
 * Files that are there whole or not at all: written under another name beside their own, which they get last.
 *
 * Must not: write over a file.
 */
#ifndef ANALYZER_BASE_WHOLE_H
#define ANALYZER_BASE_WHOLE_H

#include <stdio.h>

struct whole {
        FILE *stream; /* to write to */
        char *path, *temporary;
};

/* 0 or a negative errno already reported: -EEXIST where there is such a file. */
int whole_begin(struct whole *whole, const char *path);

/* The file is done, and gets its name. 0, or a negative errno already reported, and nothing is left of it. */
int whole_finish(struct whole *whole);

/* Nothing is left of it. */
void whole_abandon(struct whole *whole);

#endif
