/*
 * The traces of a process's children, and of theirs, among the files beside its own trace.
 *
 * Must not: open what its first bytes show to be no trace of the time of the parent's run.
 */
#ifndef ANALYZER_SELECT_FAMILY_H
#define ANALYZER_SELECT_FAMILY_H

#include "reader/trace.h"

struct family {
        char **paths; /* by when they began */
        size_t count, capacity;
};

/* 0 or a negative errno already reported; to deinit either way. */
int family_find(const char *path, const struct trace *trace, struct family *family);
void family_deinit(struct family *family);

#endif
