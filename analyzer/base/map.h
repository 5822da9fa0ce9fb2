/*
 * Numbers by number: 64-bit keys to what they were first given, for tables that only grow.
 *
 * Must not: take a thing away.
 */
#ifndef ANALYZER_BASE_MAP_H
#define ANALYZER_BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

struct map_slot {
        uint64_t key;
        uint32_t value;
        uint32_t used;
};

struct map {
        struct map_slot *slots; /* a power of two, at most half full */
        size_t slot_count, count;
};

void map_deinit(struct map *map);

/*
 * The value of `key`, to read and to set until the next call; where it has none yet, `fresh`
 * becomes it. NULL: no memory.
 */
uint32_t *map_value(struct map *map, uint64_t key, uint32_t fresh);

#endif
