/*
 * Functions or files with the lines that are charged in each: what stands beside annotated source.
 *
 * Must not: read source, or print.
 */
#ifndef ANALYZER_AGGREGATE_ANNOTATION_H
#define ANALYZER_AGGREGATE_ANNOTATION_H

#include "aggregate/aggregate.h"

struct annotation {
        struct aggregate places; /* by function or by file; also where nothing is left of what was called */
        struct aggregate lines;  /* by their place's file and function, and then by number */
};

/* One of the places. */
struct annotation_table {
        const struct aggregate_entry *place;
        const struct aggregate_entry *lines; /* what has no line comes as number 0 */
        size_t line_count;
        bool by_function;
};

/*
 * `wish->by` is AGGREGATE_FUNCTION or AGGREGATE_FILE; as aggregate_make. The tables live as long as the
 * annotation.
 */
int annotation_make(const struct replay *replay, struct charge *charge, const struct aggregate_wish *wish,
                    struct annotation *out);
void annotation_deinit(struct annotation *annotation);

/* That of places.entries[number]. */
struct annotation_table annotation_table(const struct annotation *annotation, size_t number);

#endif
