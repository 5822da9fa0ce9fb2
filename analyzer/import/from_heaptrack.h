/*
 * heaptrack's files: what heaptrack_interpret writes, in its format versions 0 to 3, and what heaptrack
 * records before that (--raw). The interpreted file names its frames; of the raw one it is modules and
 * addresses, which are looked up when the trace is read. One thread.
 *
 * Must not: write anything but by the writer.
 */
#ifndef ANALYZER_IMPORT_FROM_HEAPTRACK_H
#define ANALYZER_IMPORT_FROM_HEAPTRACK_H

#include "import/input.h"
#include "writer/writer.h"

/* Whether a file that begins with this line is heaptrack's. */
bool from_heaptrack_is(const char *line);

/* All of a file whose first line has been read. *foreign_frees: of blocks it had not seen allocated. 0 or a
 * negative errno already reported. */
int from_heaptrack_read(struct input *input, struct writer *writer, uint64_t *foreign_frees);

#endif
