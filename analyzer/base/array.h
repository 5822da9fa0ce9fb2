/*
 * Growable arrays: one function that makes room, with the arithmetic checked, so that a
 * count taken from a trace can never turn into a short buffer. The caller owns pointer,
 * count and capacity.
 *
 * Must not: shrink, or touch the array when it fails.
 */
#ifndef ANALYZER_BASE_ARRAY_H
#define ANALYZER_BASE_ARRAY_H

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

/* Makes room for `wanted` items. 0, or -ENOMEM with the array as it was. */
static inline int array_reserve(void *items_pointer, size_t *capacity, size_t wanted, size_t item_bytes) {
        void **items = items_pointer;
        size_t larger = *capacity < 16 ? 16 : *capacity;
        size_t total_bytes;
        void *moved;

        if (wanted <= *capacity)
                return 0;
        while (larger < wanted)
                if (__builtin_add_overflow(larger, larger / 2, &larger))
                        return -ENOMEM;
        if (__builtin_mul_overflow(larger, item_bytes, &total_bytes))
                return -ENOMEM;
        moved = realloc(*items, total_bytes);
        if (!moved)
                return -ENOMEM;
        *items = moved;
        *capacity = larger;
        return 0;
}

#endif
