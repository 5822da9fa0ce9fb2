/*
 * mprof's own files: what memory_profiler sampled of a program and its children, as lines of text.
 *
 *     CMDLINE command
 *     MEM mebibytes seconds-since-1970
 *     FUNC name mebibytes-then seconds-then mebibytes-after seconds-after [depth]
 *     CHLD number mebibytes seconds-since-1970
 *
 * Other lines are passed over, as mprof does. The file is as little trusted as a trace.
 *
 * Must not: know how it is drawn.
 */
#ifndef ANALYZER_READER_MPROF_H
#define ANALYZER_READER_MPROF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Times are nanoseconds from start_unix_ns. */
struct mprof_sample {
        uint64_t time_ns, bytes;
        uint32_t child; /* its number; 0: the program itself */
};

struct mprof_call {
        char *name;
        uint64_t begin_ns, end_ns;
};

struct mprof {
        char *command;                /* "" where the file has none */
        uint64_t start_unix_ns;       /* the earliest time in the file */
        uint64_t last_ns;             /* the latest */
        struct mprof_sample *samples; /* by child, then by time */
        size_t sample_count, sample_capacity;
        struct mprof_call *calls;
        size_t call_count, call_capacity;
};

/* Whether the file begins as mprof's do. */
bool mprof_is(const char *path);

/* 0; or a negative errno already reported: what line of it makes no sense, or that it has no sample. */
int mprof_open(const char *path, struct mprof **out);
int mprof_read(FILE *stream, const char *name, struct mprof **out);
void mprof_free(struct mprof *mprof);

#endif
