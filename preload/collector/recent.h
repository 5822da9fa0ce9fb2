/*
 * The blocks that the threads of a ring allocated last, which tell how many allocations ago one of them was.
 * By the blocks themselves and not by counting up to 32 bits, so that it stays exact however many there are.
 *
 * Runs in the collector's one thread. Must not: know threads or records.
 */
#ifndef MEMTRACE_COLLECTOR_RECENT_H
#define MEMTRACE_COLLECTOR_RECENT_H

#include <stdint.h>

#include <memtrace/format.h>

#define RECENT_BLOCKS 16u

struct recent {
        uint64_t blocks[RECENT_BLOCKS]; /* address << 16 | order, by order; addresses have 48 bits */
};
_Static_assert(RECENT_BLOCKS > MTR_DISTANCE_FAR, "whatever is nearer is found");

/* The allocation after `count` others. */
static inline void recent_add(struct recent *recent, uint64_t address, uint64_t count) {
        recent->blocks[count % RECENT_BLOCKS] = address << 16 | (uint16_t)count;
}

/* How many of `count` allocations followed that of the block: exact below MTR_DISTANCE_FAR. `order`: how many
 * were before it, the lower 16 bits. */
static inline uint32_t recent_distance(const struct recent *recent, uint64_t address, uint16_t order,
                                       uint64_t count) {
        uint32_t distance = (uint16_t)(count - 1 - order);

        return recent->blocks[order % RECENT_BLOCKS] == (address << 16 | order) ? distance : MTR_DISTANCE_FAR;
}

#endif
