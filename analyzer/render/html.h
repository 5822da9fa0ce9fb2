/*
 * One page that holds all of a run, with nothing from elsewhere.
 *
 * The page's data is one JSON object in the element `data`, schema memtrace-html-1. Lists of numbers in it
 * are base64 of varints (LEB128); "svarint" is a zigzag varint:
 *
 *   places  count, and for each: file + 1, function + 1, module + 1 (numbers of `texts`; 0: not known), line
 * + 1 (0: there is none) nodes   count, and for each: number - that of its parent (its own number + 1: it has
 * none), place. Paths go from the oldest frame on rows    count, and for each: node + 1 (0: small rows that
 * were folded), thread + 1 (number in `threads`; 0: not known), bytes of each block + 1 (0: they differ),
 * allocations, temporaries, where they differ also bytes allocated and bytes temporary, then the number of
 * changes and these, as aggregate/timeline.h has them sizes   the same of blocks by size: `node` is the bits
 * of it + 1; that is, of from 2^(bits - 1) to below 2^bits bytes
 *
 * Stop 2k of the changes is the peak of slice k, stop 2k + 1 its end. Of one moment, stop 0 is all there is.
 *
 * Must not: compute.
 */
#ifndef ANALYZER_RENDER_HTML_H
#define ANALYZER_RENDER_HTML_H

#include "render/render.h"
#include "select/history.h"

struct html {
        const struct report *report; /* without an aggregate */
        const struct history *history;
        const struct filter *filter;
        const char *title; /* NULL: the command line */
        const char *frame; /* which frame answers, as the option calls it */
        bool moment;       /* one moment, no run */
        bool many_threads; /* too many to tell apart */
};

/* 0 or a negative errno already reported; what the stream itself refuses is the caller's to notice. */
int html_page(const struct html *html, FILE *stream);

#endif
