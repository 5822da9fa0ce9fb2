/*
 * One heap's allocations and frees on their way to the stream: which block each free ends, whichever ring was
 * read first. All of a process's heaps are paired by this one code. malloc's is given as a constant, so that
 * nothing is asked for it.
 *
 * Runs in the collector's one thread, over every record of every traced process. Must not: know what kind of
 * record brought a block.
 */
#ifndef MEMTRACE_COLLECTOR_PAIRING_H
#define MEMTRACE_COLLECTOR_PAIRING_H

#include "collector/domains.h"
#include "collector/events.h"
#include "collector/lives.h"

#define PAIRING_INLINE static inline __attribute__((always_inline))

/* An allocation of an address that is live, or of one whose free may have come already. */
void pairing_alloc_out_of_turn(struct trace *trace, struct heap *heap, const struct record *record,
                               struct live_block block);

/* A free of what is not live. `begun`: by a realloc that may yet fail. */
void pairing_free_unknown(struct trace *trace, struct heap *heap, uint64_t address, uint64_t time,
                          uint32_t ring, bool begun);

/* A block was freed whose address has been given again, as a record said that came before. */
void pairing_promote(struct trace *trace, struct heap *heap, uint64_t address);

/* What is held and found no counterpart is what it looks like. */
void pairing_give_up(struct trace *trace, struct heap *heap, const struct skew_held *held);

/* Stage an event of a heap's block. */
PAIRING_INLINE void pairing_stage(struct trace *trace, struct heap *heap, enum mtr_event event,
                                  uint32_t site) {
        events_stage(trace, event, site);
        if (heap != &trace->heap)
                domains_account(trace, heap, event, site);
}

/* Stage the free of a block that is not live any more. */
PAIRING_INLINE void pairing_end(struct trace *trace, struct heap *heap, struct live_block block,
                                uint32_t distance) {
        if (trace->threads.count > 1)
                events_owner(trace, block.thread);
        pairing_stage(trace, heap, distance == 0 ? MTR_FREE_TEMPORARY : MTR_FREE, block.site);
        lives_add(&trace->lives, &trace->sites, block.site, distance,
                  (uint32_t)trace->events.time_unit - block.unit);
}

/* A block of a site is live from here on; the site may be SITE_NONE, for want of memory. */
PAIRING_INLINE void pairing_alloc(struct trace *trace, struct heap *heap, const struct cursor *cursor,
                                  const struct record *record, uint32_t site) {
        uint64_t address = record_address(record->first);
        struct lane *lane = heap_lane(heap, cursor->index);
        struct live_block block, known;

        if (__builtin_expect(site == SITE_NONE, 0)) {
                trace->starved = true;
                trace->starved_events++;
                return;
        }
        trace->unknown_stacks += record->node == 0;
        lane->last_alloc = address;
        block = (struct live_block){ site, cursor->thread, (uint32_t)trace->events.time_unit,
                                     (uint16_t)lane->allocated };
        recent_add(&lane->recent, address, lane->allocated++);
        if (__builtin_expect(heap->skew.count[SKEW_FREE] == 0, 1) &&
            live_map_insert_first(&heap->live, address, block)) {
                pairing_stage(trace, heap, MTR_ALLOC, site);
        } else if (heap->skew.count[SKEW_FREE] != 0 || live_map_find(&heap->live, address, &known)) {
                pairing_alloc_out_of_turn(trace, heap, record, block);
        } else {
                pairing_stage(trace, heap, MTR_ALLOC, site);
                if (__builtin_expect(!live_map_insert(&heap->live, address, block), 0))
                        trace->starved = true;
        }
}

/* enum mtr_distance of a block that this ring's thread frees. */
PAIRING_INLINE uint32_t pairing_distance(struct heap *heap, const struct cursor *cursor, uint64_t address,
                                         struct live_block block) {
        const struct lane *lane = heap_lane(heap, cursor->index);
        uint32_t distance = recent_distance(&lane->recent, address, block.order, lane->allocated);

        distance = lane->last_alloc == address ? 0 : distance;
        return block.thread == cursor->thread ? distance : MTR_DISTANCE_OTHER;
}

/* The block at an address ends. False: there is none, and nothing was done. */
PAIRING_INLINE bool pairing_free(struct trace *trace, struct heap *heap, const struct cursor *cursor,
                                 uint64_t address) {
        struct live_block block;

        if (__builtin_expect(!live_map_remove(&heap->live, address, &block), 0))
                return false;
        pairing_end(trace, heap, block, pairing_distance(heap, cursor, address, block));
        if (__builtin_expect(heap->skew.count[SKEW_ALLOC] != 0, 0))
                pairing_promote(trace, heap, address);
        return true;
}

#endif
