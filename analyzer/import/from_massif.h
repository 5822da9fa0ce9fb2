/*
 * massif's files (valgrind --tool=massif): what was held at some moments, for some of them with a tree of
 * places. It becomes a trace in which each place's bytes are one block, exchanged for another when they
 * change. A moment without a tree keeps the places of the one before, as far as they go into its bytes; what
 * is beyond them has no place. A moment with a tree is a snapshot of its own name. One thread.
 *
 * Must not: write anything but by the writer.
 */
#ifndef ANALYZER_IMPORT_FROM_MASSIF_H
#define ANALYZER_IMPORT_FROM_MASSIF_H

#include "import/input.h"
#include "writer/writer.h"

/* Whether a file that begins with this line is massif's. */
bool from_massif_is(const char *line);

/* All of a file whose first line has been read. 0 or a negative errno already reported. */
int from_massif_read(struct input *input, struct writer *writer);

#endif
