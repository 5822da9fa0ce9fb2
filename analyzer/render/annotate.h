/*
 * Source with what its lines hold beside it, as memory_profiler prints it, and the same for machines.
 *
 * Must not: compute, or choose what is shown.
 */
#ifndef ANALYZER_RENDER_ANNOTATE_H
#define ANALYZER_RENDER_ANNOTATE_H

#include "aggregate/annotation.h"
#include "render/render.h"

#define ANNOTATE_WHOLE SIZE_MAX /* in place of context_lines */

struct annotate {
        const struct report *report; /* its sources are read */
        struct symbols *symbols;
        const struct annotation_table *tables;
        size_t table_count;
        size_t context_lines; /* of a file, about each charged line; ANNOTATE_WHOLE: all */
        bool has_highs;       /* the replay knows the heap at each call */
        int precision;        /* digits of MiB */
};

/* 0 or a negative errno already reported. What is to be said of the sources themselves goes to stderr. */
int annotate_text(const struct annotate *annotate, FILE *stream);

/* Charged lines alone. */
int annotate_json(const struct annotate *annotate, FILE *stream);
int annotate_csv(const struct annotate *annotate, FILE *stream);

/* Bytes of source, made harmless; tabs become blanks with `expand`. */
void annotate_contents(const char *text, size_t length_bytes, bool expand, FILE *stream);

/*
 * The source of a table whose place has a line. That it is newer is said once, and `tell_missing` where there
 * is none. NULL after a report: no memory.
 */
const struct sources_file *annotate_source(const struct annotate *annotate,
                                           const struct annotation_table *table, bool tell_missing);

/* The first of its lines that has a number; line_count: none has. */
size_t annotate_first_line(const struct annotation_table *table);

#endif
