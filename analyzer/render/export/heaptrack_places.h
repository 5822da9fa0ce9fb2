/*
 * Where memory comes from, as heaptrack's file defines it: strings, instruction pointers and the tree of
 * stacks, each written once, before its first use.
 *
 * Must not: know of events.
 */
#ifndef ANALYZER_RENDER_EXPORT_HEAPTRACK_PLACES_H
#define ANALYZER_RENDER_EXPORT_HEAPTRACK_PLACES_H

#include "base/intern.h"
#include "base/map.h"
#include "render/export/callstack.h"

struct heaptrack_places {
        const struct export_wish *wish;
        FILE *stream;
        struct callstack callstack;
        struct intern strings;
        struct intern pointers; /* by their lines; numbers in the file are one more, as of the strings */
        struct map nodes;       /* pointer and parent to number in the file; 0 is no stack */
        uint32_t node_count;
};

void heaptrack_places_init(struct heaptrack_places *places, const struct export_wish *wish, FILE *stream);
void heaptrack_places_deinit(struct heaptrack_places *places);

/* The file's number of a stack of the trace. 0 or a negative errno already reported. */
int heaptrack_places_stack(struct heaptrack_places *places, uint32_t stack, uint32_t *number);

#endif
