/*
 * Source files as debug information names them: where on this machine they are, and their lines. What is
 * named may be anything, so only plain files are opened and only so much of them is read.
 *
 * Must not: print, or block.
 */
#ifndef ANALYZER_SYMBOLS_SOURCES_H
#define ANALYZER_SYMBOLS_SOURCES_H

#include "base/intern.h"
#include "symbols/symbols.h"

#include <time.h>

#define SOURCES_FILE_BYTES_MAX (32u << 20) /* of one file: generated code comes to so much, rarely */
#define SOURCES_KEPT_BYTES_MAX (64u << 20) /* of all that are kept at a time */

/* --source-dir: where else to look. */
struct sources_rule {
        char *old; /* the beginning of a path, which `new` replaces; NULL: `new` is a directory to look in;
                      heap */
        char *new; /* heap */
};

struct sources_file {
        char *path;      /* where it was found; NULL: nowhere; heap */
        const char *why; /* what is wrong with it, in words; NULL: nothing */
        struct timespec modified;
        char *text;          /* bytes of any kind; heap */
        uint32_t *line_ends; /* by line, counted from 0: where its line feed is; heap */
        size_t line_count;
        bool loaded;
};

/* Begins with all zero. */
struct sources {
        struct sources_rule *rules;
        size_t rule_count, rule_capacity;
        struct intern names;
        struct sources_file *files; /* by the number of the name */
        size_t file_count, file_capacity;
        size_t kept_bytes;
        struct intern told; /* for who shows them: the paths of which something was said */
};

void sources_deinit(struct sources *sources);

/* OLD=NEW, or a directory. 0 or a negative errno already reported. */
int sources_add(struct sources *sources, const char *given);

/*
 * Where a frame's line is: where each rule in turn puts it, else where it was compiled, else from the working
 * directory. Valid until the next call. NULL after a report: no memory.
 */
const struct sources_file *sources_get(struct sources *sources, const struct symbol_frame *frame);

/* Line `number`, counted from 1, without its end. NULL: there is none. */
const char *sources_line(const struct sources_file *file, uint32_t number, size_t *length_bytes);

#endif
