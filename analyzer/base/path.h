/*
 * Paths as text: nothing here looks at the file system.
 */
#ifndef ANALYZER_BASE_PATH_H
#define ANALYZER_BASE_PATH_H

#include <stdbool.h>
#include <stddef.h>

/* What stands after the last slash. */
const char *path_base(const char *path);

/* The last so many directories of a path, and its name. */
const char *path_tail(const char *path, unsigned directories);

/* Whether a name has that ending, and something before it. */
bool path_ends_with(const char *name, const char *ending);

/* How much of the first `length` bytes of a name is not the ending of a trace's or a saved snapshot's. */
size_t path_stem(const char *name, size_t length);

/* The same for one ending; `length` where the name has another. */
size_t path_without(const char *name, size_t length, const char *ending);

/*
 * Without "." and "//", and with each ".." taken together with the name before it, so that the
 * same source seen from two build directories is one place. Heap; NULL: no memory.
 */
char *path_tidy(const char *path);

/* What `file` means in the directory, tidied: the file alone where it begins with "/" or the directory is
 * NULL. Heap; NULL: no memory. */
char *path_under(const char *directory, const char *file);

#endif
