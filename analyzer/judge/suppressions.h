/*
 * Suppressions: what is held at the end and not to be judged, by the stacks that it was allocated on. They
 * are written as for LeakSanitizer or for Valgrind, and docs/suppressions.md says how they are taken.
 *
 * Must not: judge, or decide what they are asked for.
 */
#ifndef ANALYZER_JUDGE_SUPPRESSIONS_H
#define ANALYZER_JUDGE_SUPPRESSIONS_H

#include "judge/heads.h"
#include "judge/matchers.h"

#define SUPPRESSIONS_NONE UINT32_MAX
#define SUPPRESSIONS_MAX 10000u
#define SUPPRESSIONS_FRAMES_MAX 500u /* Valgrind's */

struct suppression {
        char *text;   /* "leak:PATTERN", "{ NAME }"; heap */
        char *origin; /* "FILE:LINE" where it begins; heap */
        bool builtin;
        bool used; /* something is suppressed by it: this */
        uint64_t bytes, blocks;
        /* private */
        uint32_t *frames; /* numbers of matchers, or SUPPRESSIONS_NONE for any number of frames; heap */
        size_t frame_count, frames_capacity;
        uint64_t asked; /* the last stack that it was held against */
};

struct suppressions {
        struct suppression *items; /* in the order they were read */
        size_t count, capacity;
        /* private */
        struct matchers matchers;
        uint32_t *keyed, *keyed_from; /* by matcher: the items to look at where a frame matches it */
        struct matched *stack;
        size_t stack_capacity;
        uint64_t asked;
};

void suppressions_deinit(struct suppressions *suppressions);

/* Takes over what of the suppression is on the heap. 0, or -ENOMEM and it is still the caller's. */
int suppressions_add(struct suppressions *suppressions, const struct suppression *item);

/* Adds those of a file. 0 or a negative errno already reported. */
int suppressions_read(struct suppressions *suppressions, const char *path);

/* The same of a text, which `name` stands for. */
int suppressions_read_text(struct suppressions *suppressions, const char *text, size_t length_bytes,
                           const char *name, bool builtin);

/* Adds those for what the C and C++ runtime keeps. 0 or a negative errno already reported. */
int suppressions_add_builtin(struct suppressions *suppressions);

/*
 * The number of the first that matches a stack of frames, the most recent first, where a function of that
 * kind (enum mtr_site_kind, or HEADS_KIND_UNKNOWN) was called; SUPPRESSIONS_NONE: none does. Frames are known
 * again by address: they have to stay as they are. 0 or a negative errno already reported.
 */
int suppressions_match(struct suppressions *suppressions, const struct symbol_frame *const *frames,
                       size_t count, uint8_t kind, uint32_t *number);

/* So much is suppressed by it; nothing is no use. */
void suppressions_use(struct suppressions *suppressions, uint32_t number, uint64_t bytes, uint64_t blocks);

#endif
