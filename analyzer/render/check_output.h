/*
 * What is asked of every output of `memtrace check`, and where a frame's source lies for who reads it.
 *
 * Must not: know a format.
 */
#ifndef ANALYZER_RENDER_CHECK_OUTPUT_H
#define ANALYZER_RENDER_CHECK_OUTPUT_H

#include "symbols/sources.h"

#define CHECK_OUTPUT_FINDINGS 10u /* of a check, unless asked otherwise */
#define CHECK_OUTPUT_FRAMES 20u   /* of a traceback, unless asked otherwise */

struct check_output {
        size_t limit;            /* findings of a check, the worst; where people read them */
        size_t frame_limit;      /* of a traceback there */
        bool quiet;              /* of what passed nothing */
        struct sources *sources; /* NULL: no source lines */
        const char *root;        /* absolute: below it, paths are told relative to it; NULL: nowhere */
};

/* Where the sources are taken to be: GITHUB_WORKSPACE, or else the current directory. Heap; NULL: it is not
 * known. */
char *check_output_root(void);

/*
 * A frame's file as the project's own tools call it: relative to the root where it lies below, else as it was
 * compiled where that does not lead out of its directory, else where it was compiled. The frame has a line.
 * Heap; NULL after a report: no memory.
 */
char *check_output_path(const struct check_output *output, const struct symbol_frame *frame);

/* How many of so many findings are shown. */
static inline size_t check_output_shown(const struct check_output *output, size_t count) {
        return count < output->limit ? count : output->limit;
}

#endif
