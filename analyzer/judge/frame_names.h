/*
 * What a frame's function, file and module are called, by us and by those whose suppressions are read here.
 *
 * Must not: know patterns.
 */
#ifndef ANALYZER_JUDGE_FRAME_NAMES_H
#define ANALYZER_JUDGE_FRAME_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* The names of one thing, none of them NULL after success. */
struct frame_names {
        const char *texts[8];
        size_t count;
        size_t sanitizer_count; /* so many of them, from the first, are the sanitizers' too */
        char *heap[2];          /* private */
};

/*
 * Each fills `names`, which is all zero before, and borrows the text. Empty is unknown, "???" to Valgrind and
 * nothing to the sanitizers. 0 or -ENOMEM; to deinit in any case.
 */
int frame_names_function(const char *function, bool inlined, struct frame_names *names);
int frame_names_module(const char *path, struct frame_names *names);

/* `text` is the file and, where it is relative to a directory, that one behind a newline. */
int frame_names_file(const char *text, struct frame_names *names);

/* Where in a function's name without parameters that begins which it has inside its class and namespaces. */
size_t frame_names_own(const char *plain);

/* What programs call a function of glibc by, one of those names: without its own "__GI_" and underscores. */
const char *frame_names_outer(const char *function);

void frame_names_deinit(struct frame_names *names);

#endif
