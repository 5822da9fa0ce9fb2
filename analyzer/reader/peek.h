/*
 * Whether a file is a trace, and whose and since when, by its first bytes alone.
 *
 * Must not: report anything, or wait for anybody.
 */
#ifndef ANALYZER_READER_PEEK_H
#define ANALYZER_READER_PEEK_H

#include <memtrace/format.h>

#include <stdbool.h>

/* False: it is no plain file, cannot be read, or does not begin as a trace does. Links are followed. */
bool peek_header(const char *path, struct mtr_file_header *header);

#endif
