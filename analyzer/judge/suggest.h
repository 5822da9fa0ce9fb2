/*
 * Suppressions for what is left over, to be put into a file: entries in Valgrind's syntax, which are narrower
 * than LeakSanitizer's, as they say which function allocates and not which is somewhere on the stack. Each
 * suppresses all stacks that it was made for, and those alone that end with the same frames up to the one
 * that answers.
 *
 * Must not: judge.
 */
#ifndef ANALYZER_JUDGE_SUGGEST_H
#define ANALYZER_JUDGE_SUGGEST_H

#include "base/intern.h"
#include "symbols/symbols.h"

#include <stdio.h>

struct suggest_item {
        char *place, *name; /* heap */
        uint64_t bytes, blocks;
        uint64_t place_bytes; /* of the stack that the place is of */
};

struct suggest {
        struct intern entries;      /* their frames as text; private */
        struct suggest_item *items; /* by number of the entry */
        size_t count, capacity;
        uint64_t unknown_bytes,
                unknown_blocks; /* of stacks of which nothing is known: there is no entry for them */
};

void suggest_deinit(struct suggest *suggest);

/*
 * So much is held by a stack of frames, the most recent first, of which frames[charged] answers, as `place`
 * in tables; a function of that kind (enum mtr_site_kind, or HEADS_KIND_UNKNOWN) was called. 0 or -ENOMEM.
 */
int suggest_add(struct suggest *suggest, const char *place, const struct symbol_frame *const *frames,
                size_t count, size_t charged, uint8_t kind, uint64_t bytes, uint64_t blocks);

/* All entries, those that suppress most first, each with a comment. 0 or a negative errno already reported.
 */
int suggest_write(const struct suggest *suggest, FILE *stream);

#endif
