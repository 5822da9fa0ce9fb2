/*
 * Memory of the collector: whole mappings, and arrays that grow. Everything the collector keeps
 * comes from here, because the heap of the process it was forked from is not its own.
 *
 * Runs in the collector's one thread. Must not: call malloc, or fail other than by saying so.
 */
#ifndef MEMTRACE_COLLECTOR_MEMORY_H
#define MEMTRACE_COLLECTOR_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed memory, NULL when there is none. */
void *memory_map(size_t bytes);

/* The same for a table that is read all over, a power of two long: on huge pages where that matters. */
void *memory_map_large(size_t bytes);

/* Gives back what memory_map gave; NULL does nothing. */
void memory_unmap(void *memory, size_t bytes);

/* Drops the pages within, whose content is lost; the range stays mapped. */
void memory_drop(void *memory, size_t bytes);

/* A zero-initialised struct array is an empty one. What it grows by is zeroed. */
struct array {
        void *data;
        size_t capacity_bytes;
};

bool array_grow(struct array *array, size_t bytes);
void array_deinit(struct array *array);

/* Makes room for `bytes` in all; may move the data. False: no memory, the array is as it was. */
static inline bool array_reserve(struct array *array, size_t bytes) {
        return bytes <= array->capacity_bytes || array_grow(array, bytes);
}

#endif
