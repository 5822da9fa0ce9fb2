/*
 * The user's globs: which frames and threads are taken, left out, or passed over as wrappers. Each
 * remembers whether it ever matched.
 *
 * Must not: know stacks.
 */
#ifndef ANALYZER_AGGREGATE_FILTER_H
#define ANALYZER_AGGREGATE_FILTER_H

#include "symbols/symbols.h"

enum filter_kind {
        FILTER_INCLUDE, /* files, with a line at will */
        FILTER_EXCLUDE,
        FILTER_FUNCTION,
        FILTER_MODULE,
        FILTER_THREAD, /* by name, number, or both as NAME:TID; matches no frame */
        FILTER_SKIP,   /* functions or files */
        FILTER_KIND_COUNT
};

struct filter_glob {
        enum filter_kind kind;
        const char *given; /* as the user wrote it; must outlive the filter */
        char *glob;        /* without its line; heap */
        uint32_t line;
        bool has_line, matched;
};

struct filter {
        struct filter_glob *globs;
        size_t count, capacity;
        size_t counts[FILTER_KIND_COUNT];
        bool all_frames; /* any frame of a stack may match, not only the one charged */
};

void filter_deinit(struct filter *filter);

/* 0 or a negative errno already reported. */
int filter_add(struct filter *filter, enum filter_kind kind, const char *given);

/*
 * Which kinds match one of the frames, as 1 << kind. Every glob is held against every frame, so
 * that none counts as never matched because another was quicker.
 */
unsigned filter_match(struct filter *filter, const struct symbol_frame *const *frames, size_t count);

/* Whether what matched as `kinds` is taken: by each kind that is there, and by no exclusion. */
bool filter_takes(const struct filter *filter, unsigned kinds);

/*
 * Which threads are taken, by number, and behind them the unknown one. Heap; NULL in *taken where all
 * are, because no glob is of threads. 0 or a negative errno already reported.
 */
int filter_threads(struct filter *filter, const struct trace *trace, bool **taken);

/* A thread's name, or "<unknown>" for one without, as for NULL. */
const char *filter_thread_name(const struct trace_thread *thread);

/* Whether a glob is of the path, whole or, without a slash in it, its last name. */
bool filter_matches_path(const char *glob, const char *path);

/* Whether a glob is of the function, with its parameters or without; NULL is <unknown>. */
bool filter_matches_function(const char *glob, const char *name);

/* How much of a C++ function's name is not its parameters. */
size_t filter_plain_length(const char *name);

/* The file a frame belongs to: its source, else its module's name, else "<unknown>". */
const char *filter_file(const struct symbol_frame *frame);

#endif
