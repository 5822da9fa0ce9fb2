/*
 * What comes out of turn, and waits for its counterpart: see pairing.h. Runs in the collector's one thread.
 */
#include "collector/pairing.h"

#include "collector/pair.h"

static void live_insert(struct trace *trace, struct heap *heap, const struct skew_held *held) {
        if (!live_map_insert(&heap->live, held->address, held->block))
                trace->starved = true;
}

void pairing_promote(struct trace *trace, struct heap *heap, uint64_t address) {
        struct skew_held held;

        if (skew_take(&heap->skew, SKEW_ALLOC, address, &held))
                live_insert(trace, heap, &held);
}

void pairing_give_up(struct trace *trace, struct heap *heap, const struct skew_held *held) {
        struct live_block block;

        if (held->kind == SKEW_FREE) {
                heap->foreign_frees += !held->begun; /* that one is settled when its realloc is over */
                return;
        }
        /* The allocator handed the address out again, so the old block was freed behind our back. */
        if (live_map_remove(&heap->live, held->address, &block)) {
                pairing_end(trace, heap, block, MTR_DISTANCE_UNKNOWN);
                heap->implied_frees++;
        }
        live_insert(trace, heap, held);
}

/* A free that cannot be held is lost; an allocation stands in the stream already. */
static void hold(struct trace *trace, struct heap *heap, const struct skew_held *held) {
        struct skew *skew = &heap->skew;
        struct skew_held old;

        if (skew->end - skew->first == SKEW_HELD_MAX && skew_take_old(skew, 0, &old))
                pairing_give_up(trace, heap, &old);
        if (!skew_hold(skew, held)) {
                trace->starved = true;
                trace->starved_events += held->kind == SKEW_FREE && !held->begun;
        }
}

void pairing_free_unknown(struct trace *trace, struct heap *heap, uint64_t address, uint64_t time,
                          uint32_t ring, bool begun) {
        struct skew_held held = { .address = address,
                                  .time = time,
                                  .since = trace->stream_time,
                                  .ring = (uint16_t)ring,
                                  .kind = SKEW_FREE,
                                  .begun = begun };

        /* In order of one ring there is nothing to wait for. */
        if (trace->several)
                hold(trace, heap, &held);
        else
                pairing_give_up(trace, heap, &held);
}

/* The block that a held free is of. Where a realloc has begun with it, that free or its undoing is to come.
 */
static void free_found(struct trace *trace, struct heap *heap, const struct skew_held *held,
                       struct live_block block) {
        struct cursor *cursor = trace_cursor(trace, held->ring);

        if (!held->begun)
                pairing_end(trace, heap, block,
                            block.thread == cursor->thread ? MTR_DISTANCE_UNKNOWN : MTR_DISTANCE_OTHER);
        for (uint32_t i = 0; held->begun && i < cursor->begun_count; i++) {
                struct begun *begun = &cursor->begun[i];

                if (begun->missing && begun->address == held->address) {
                        begun->missing = false;
                        begun->block = block;
                        return;
                }
        }
}

void pairing_alloc_out_of_turn(struct trace *trace, struct heap *heap, const struct record *record,
                               struct live_block block) {
        uint64_t address = record_address(record->first);
        uint64_t tolerance = timebase_units(trace->timebase, SKEW_TOLERANCE_NS);
        struct live_block before;
        struct skew_held held;

        /* A free of another ring that was not clearly before this: it is this block's. Clearly before
         * means a foreign block, whose address the allocator then gave to this one. */
        if (skew_take_free(&heap->skew, address, (uint16_t)record->ring,
                           record->time > tolerance ? record->time - tolerance : 0, &held)) {
                pairing_stage(trace, heap, MTR_ALLOC, block.site);
                free_found(trace, heap, &held, block);
                return;
        }
        /* Whatever free of this address is held, it is of the block that was live until now. */
        if (live_map_find(&heap->live, address, &before) &&
            skew_take(&heap->skew, SKEW_FREE, address, &held)) {
                (void)live_map_remove(&heap->live, address, &before);
                free_found(trace, heap, &held, before);
        }
        held = (struct skew_held){ .address = address,
                                   .time = record->time,
                                   .since = trace->stream_time,
                                   .block = block,
                                   .kind = SKEW_ALLOC };
        if (trace->several && live_map_find(&heap->live, address, &before)) {
                pairing_stage(trace, heap, MTR_ALLOC, block.site);
                hold(trace, heap, &held);
        } else {
                pairing_give_up(trace, heap, &held);
                pairing_stage(trace, heap, MTR_ALLOC, block.site);
        }
}
