/*
 * Emptying a live map into the stream: see forget.h. What really frees such a block later frees what we do
 * not know. Runs in the collector's one thread.
 */
#include "collector/forget.h"

#include "collector/block.h"
#include "collector/pairing.h"

/* A look at a bucket stages its blocks and all that is held for their addresses. */
#define STAGED_AT_ONCE (LIVE_SLOTS + SKEW_HELD_MAX)
_Static_assert(BATCH_RECORDS + STAGED_AT_ONCE <= STAGED_MAX, "there is room for it");

/* Room for more events of a thread, in a block that has begun. */
static bool begin(struct trace *trace, uint32_t thread) {
        if (block_is_full(trace))
                block_write(trace, NULL);
        if (!events_reserve(trace))
                return false;
        if (!trace->events.block_begun)
                events_block_begin(trace, trace->stream_time);
        events_thread(trace, thread);
        return true;
}

/* A block, and those that were given its address since and wait for its free. */
static void forget_block(struct trace *trace, struct heap *heap, const struct live_bucket *bucket,
                         unsigned slot) {
        uint64_t address = (uint64_t)bucket->high[slot] << 32 | bucket->low[slot];
        struct skew_held held;

        pairing_end(trace, heap, live_bucket_block(bucket, slot), MTR_DISTANCE_UNKNOWN);
        while (skew_take(&heap->skew, SKEW_ALLOC, address, &held))
                pairing_end(trace, heap, held.block, MTR_DISTANCE_UNKNOWN);
}

void forget_heap(struct trace *trace, struct heap *heap, uint32_t thread) {
        struct live_map *map = &heap->live;

        if (map->count == 0 || trace->starved || !begin(trace, thread))
                return;
        for (uint64_t index = 0; index <= map->mask; index++) {
                struct live_bucket *bucket = &map->buckets[index];

                for (unsigned slot = 0; slot < LIVE_SLOTS; slot++)
                        if (bucket->used >> slot & 1)
                                forget_block(trace, heap, bucket, slot);
                map->count -= (unsigned)__builtin_popcount(bucket->used);
                bucket->used = bucket->passed = 0;
                if (trace->staged_count < BATCH_RECORDS)
                        continue;
                events_put(trace);
                if (!begin(trace, thread))
                        return;
        }
        events_put(trace);
}

void forget_all(struct trace *trace, uint32_t thread) {
        struct heap *heap = &trace->heap;

        for (uint32_t i = 0; heap; heap = domains_heap(&trace->domains, i++))
                forget_heap(trace, heap, thread);
}
