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

/* As open_memstream, but fclose() fails where there was no memory for some of what was written. Then too the
 * text, which is what there was memory for, is the caller's to free. NULL: no memory. */
FILE *memo_stream(char **text, size_t *length_bytes);

/* Both 0 or a negative errno already reported. memo_end is for a memo that began. */
int memo_begin(struct memo *memo);
int memo_end(struct memo *memo);

#endif
