/*
 * One heap's books: which of its blocks are live, what of it is held out of turn, and what each ring
 * allocated in it last. malloc's heap has one, and each domain that the program reports.
 *
 * Runs in the collector's one thread. Must not: know records, events, or which heap it is.
 */
#ifndef MEMTRACE_COLLECTOR_HEAP_H
#define MEMTRACE_COLLECTOR_HEAP_H

#include "collector/live_map.h"
#include "collector/recent.h"
#include "collector/skew.h"

/* What the threads of a ring have allocated in a heap. */
struct lane {
        uint64_t last_alloc; /* address of the last block its thread allocated, 0 for none */
        uint64_t allocated;  /* blocks */
        struct recent recent;
};

struct heap {
        struct live_map live;
        struct skew skew;
        struct array lanes;     /* struct lane by ring */
        uint64_t foreign_frees; /* of blocks that were not live */
        uint64_t implied_frees; /* of blocks whose address came again without a free of theirs */
};

/* False: no memory. To be deinitialised either way. */
static inline bool heap_init(struct heap *heap) {
        return live_map_init(&heap->live);
}

static inline void heap_deinit(struct heap *heap) {
        live_map_deinit(&heap->live);
        skew_deinit(&heap->skew);
        array_deinit(&heap->lanes);
}

/* Room for the lanes of rings up to this one. False: no memory. */
static inline bool heap_reserve(struct heap *heap, uint32_t ring) {
        return array_reserve(&heap->lanes, ((size_t)ring + 1) * sizeof(struct lane));
}

static inline struct lane *heap_lane(struct heap *heap, uint32_t ring) {
        return (struct lane *)heap->lanes.data + ring;
}

#endif
