/*
 * Other tools' files as traces: which tool's a file is, and the trace around what its reader finds. One
 * thread.
 *
 * Must not: open or name a file.
 */
#ifndef ANALYZER_IMPORT_IMPORT_H
#define ANALYZER_IMPORT_IMPORT_H

#include <stdint.h>
#include <stdio.h>

/* From one stream, of so many bytes, to the other; `name` is for messages. What could not be written, `out`
 * tells. 0 or a negative errno already reported, and what was written is no trace. */
int import_trace(FILE *in, const char *name, uint64_t file_bytes, FILE *out);

#endif
