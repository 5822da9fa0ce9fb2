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
        uint64_t blocks[RECENT_BLOCKS]; /* addresses, by order */
};
_Static_assert(RECENT_BLOCKS == MTR_DISTANCE_FAR + 1,
               "whatever is nearer is found, and what is that far too");

/* The allocation after `count` others. */
static inline void recent_add(struct recent *recent, uint64_t address, uint64_t count) {
        recent->blocks[count % RECENT_BLOCKS] = address;
}

/*
 * enum mtr_distance of a block before the ring's `count`-th allocation, by how many were before it, of which
 * the lower bits do: a block that is live and stands in its place there is the one that was put there last,
 * because whatever came to that place since would be there.
 */
static inline uint32_t recent_distance(const struct recent *recent, uint64_t address, uint32_t order,
                                       uint64_t count) {
        uint32_t distance = ((uint32_t)count - 1 - order) % RECENT_BLOCKS;

        return recent->blocks[order % RECENT_BLOCKS] == address ? distance : MTR_DISTANCE_FAR;
}

#endif
