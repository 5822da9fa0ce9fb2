/*
 * What is written to a stream, as a text: for words that go on elsewhere in another form.
 *
 * Must not: know what is written.
 */
#ifndef ANALYZER_BASE_MEMO_H
#define ANALYZER_BASE_MEMO_H

#include <stddef.h>
#include <stdio.h>

struct memo {
        char *text; /* once it is ended; heap, the caller's to free whatever came of it */
        size_t length;
        FILE *stream; /* to write to until then */
};

/* Both 0 or a negative errno already reported. memo_end is for a memo that began. */
int memo_begin(struct memo *memo);
int memo_end(struct memo *memo);

#endif
