/*
 * How often each of some texts occurs.
 *
 * Must not: know what they are.
 */
#ifndef ANALYZER_BASE_COUNTS_H
#define ANALYZER_BASE_COUNTS_H

#include "base/intern.h"

/* All zero is empty. */
struct counts {
        struct intern texts;
        size_t *items; /* by text */
        size_t capacity;
};

void counts_deinit(struct counts *counts);

/* That of `text`, 0 where it is new, to read and to set until the next call. NULL: no memory. */
size_t *counts_of(struct counts *counts, const char *text);

#endif
