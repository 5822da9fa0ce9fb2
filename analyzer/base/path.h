/*
 * Paths as text: nothing here looks at the file system.
 */
#ifndef ANALYZER_BASE_PATH_H
#define ANALYZER_BASE_PATH_H

/* What stands after the last slash. */
const char *path_base(const char *path);

/*
 * Without "." and "//", and with each ".." taken together with the name before it, so that the
 * same source seen from two build directories is one place. Heap; NULL: no memory.
 */
char *path_tidy(const char *path);

#endif
