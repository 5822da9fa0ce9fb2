/*
 * The traces of a directory, by when they were begun: what mprof's verbs call by numbers.
 *
 * Must not: open more than their first bytes.
 */
#ifndef ANALYZER_SELECT_SHELF_H
#define ANALYZER_SELECT_SHELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shelf_trace {
        char *path; /* heap */
        uint64_t started_unix_ns;
};

struct shelf {
        struct shelf_trace *traces; /* the oldest first; of one time by name */
        size_t count, capacity;
};

/* 0 or a negative errno already reported; to deinit either way. */
int shelf_open(const char *directory, struct shelf *shelf);
void shelf_deinit(struct shelf *shelf);

/*
 * What a user calls a trace: its number on the shelf, from 0, or from -1 for the last, or its name, where a
 * file of that name is not a number's. Borrowed; NULL after a report.
 */
const char *shelf_find(const struct shelf *shelf, const char *operand);

/* Removes a trace that nobody writes any more, or says that it would. 0 or a negative errno already reported.
 */
int shelf_remove(const char *path, bool dry_run);

#endif
