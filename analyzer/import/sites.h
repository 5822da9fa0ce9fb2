/*
 * The sites of a file that has no numbers for them: one for each stack and size. One thread.
 *
 * Must not: define one twice.
 */
#ifndef ANALYZER_IMPORT_SITES_H
#define ANALYZER_IMPORT_SITES_H

#include "base/map.h"
#include "import/input.h"
#include "writer/writer.h"

#define SITES_NONE UINT32_MAX

/* All zero: none yet. */
struct sites {
        struct map sizes; /* to their number */
        struct map sites; /* by stack and size's number */
};

void sites_deinit(struct sites *sites);

/* 0 or a negative errno already reported. */
int sites_number(struct sites *sites, struct input *input, struct writer *writer, uint32_t stack,
                 uint64_t size_bytes, uint32_t *site);

/* The value of a key in a map that only grows, SITES_NONE where it is new, and within what the file may make
 * us remember. NULL after a report. */
uint32_t *sites_value(struct map *map, struct input *input, uint64_t key);

#endif
