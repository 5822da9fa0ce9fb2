/*
 * Pairing of allocations and frees: see pair.h. Runs in the collector's one thread, over every
 * record of every traced process.
 */
#include "collector/pair.h"

#include "collector/events.h"
#include "collector/lives.h"
#include "collector/marks.h"
#include "collector/threads.h"

static void live_insert(struct trace *trace, const struct skew_held *held) {
        if (!live_map_insert(&trace->live, held->address, held->block))
                trace->starved = true;
}

/* Stage a block's free. */
static inline __attribute__((always_inline)) void block_end(struct trace *trace, struct live_block block,
                                                            uint32_t distance) {
        if (trace->threads.count > 1)
                events_owner(trace, block.thread);
        events_stage(trace, distance == 0 ? MTR_FREE_TEMPORARY : MTR_FREE, block.site);
        lives_add(&trace->lives, &trace->sites, block.site, distance,
                  (uint32_t)trace->events.time_unit - block.unit);
}

void pair_forget(struct trace *trace, struct live_block block) {
        block_end(trace, block, MTR_DISTANCE_UNKNOWN);
}

static void block_free(struct trace *trace, uint64_t address, struct live_block block, uint32_t distance) {
        struct skew_held held;

        block_end(trace, block, distance);
        /* The allocation that came while this block was live is the live one now. */
        if (__builtin_expect(trace->skew.count[SKEW_ALLOC] != 0, 0) &&
            skew_take(&trace->skew, SKEW_ALLOC, address, &held))
                live_insert(trace, &held);
}

/* What is held and found no counterpart is what it looks like. */
static void held_give_up(struct trace *trace, const struct skew_held *held) {
        struct live_block block;

        if (held->kind == SKEW_FREE) {
                trace->foreign_frees += !held->begun; /* that one is settled when its realloc is over */
                return;
        }
        /* The allocator handed the address out again, so the old block was freed behind our back. */
        if (live_map_remove(&trace->live, held->address, &block)) {
                block_end(trace, block, MTR_DISTANCE_UNKNOWN);
                trace->implied_frees++;
        }
        live_insert(trace, held);
}

/* A free that cannot be held is lost; an allocation stands in the stream already. */
static void hold(struct trace *trace, const struct skew_held *held) {
        struct skew_held old;

        if (trace->skew.end - trace->skew.first == SKEW_HELD_MAX && skew_take_old(&trace->skew, 0, &old))
                held_give_up(trace, &old);
        if (!skew_hold(&trace->skew, held)) {
                trace->starved = true;
                trace->starved_events += held->kind == SKEW_FREE && !held->begun;
        }
}

/* `begun`: by a realloc that may yet fail. */
static void free_unknown(struct trace *trace, uint64_t address, uint64_t time, uint32_t ring, bool begun) {
        struct skew_held held = { .address = address,
                                  .time = time,
                                  .since = trace->stream_time,
                                  .ring = (uint16_t)ring,
                                  .kind = SKEW_FREE,
                                  .begun = begun };

        /* In order of one ring there is nothing to wait for. */
        if (trace->several)
                hold(trace, &held);
        else
                held_give_up(trace, &held);
}

/* The block that a held free is of. Where a realloc has begun with it, that free or its undoing is to come.
 */
static void free_found(struct trace *trace, const struct skew_held *held, struct live_block block) {
        struct cursor *cursor = trace_cursor(trace, held->ring);

        if (!held->begun)
                block_end(trace, block,
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

/* An allocation of an address that is live, or of one whose free may have come already. */
static void alloc_out_of_turn(struct trace *trace, const struct record *record, struct live_block block) {
        uint64_t address = record_address(record->first);
        uint64_t tolerance = timebase_units(trace->timebase, SKEW_TOLERANCE_NS);
        struct live_block before;
        struct skew_held held;

        /* A free of another ring that was not clearly before this: it is this block's. Clearly before
         * means a foreign block, whose address the allocator then gave to this one. */
        if (skew_take_free(&trace->skew, address, (uint16_t)record->ring,
                           record->time > tolerance ? record->time - tolerance : 0, &held)) {
                events_stage(trace, MTR_ALLOC, block.site);
                free_found(trace, &held, block);
                return;
        }
        /* Whatever free of this address is held, it is of the block that was live until now. */
        if (live_map_find(&trace->live, address, &before) &&
            skew_take(&trace->skew, SKEW_FREE, address, &held)) {
                (void)live_map_remove(&trace->live, address, &before);
                free_found(trace, &held, before);
        }
        held = (struct skew_held){ .address = address,
                                   .time = record->time,
                                   .since = trace->stream_time,
                                   .block = block,
                                   .kind = SKEW_ALLOC };
        if (trace->several && live_map_find(&trace->live, address, &before)) {
                events_stage(trace, MTR_ALLOC, block.site);
                hold(trace, &held);
        } else {
                held_give_up(trace, &held);
                events_stage(trace, MTR_ALLOC, block.site);
        }
}

static void record_alloc(struct trace *trace, struct cursor *cursor, const struct record *record) {
        uint64_t address = record_address(record->first);
        uint32_t kind = record_kind(record->first);
        uint32_t site = sites_number(&trace->sites, &trace->stacks, record->node, record->size,
                                     kind < MTR_KIND_COUNT ? kind : MTR_KIND_MALLOC);
        struct live_block block, known;

        if (__builtin_expect(site == SITE_NONE, 0)) {
                trace->starved = true;
                trace->starved_events++;
                return;
        }
        trace->unknown_stacks += record->node == 0;
        cursor->last_alloc = address;
        block = (struct live_block){ site, cursor->thread, (uint32_t)trace->events.time_unit,
                                     (uint16_t)cursor->allocated };
        recent_add(trace_recent(trace, cursor->index), address, cursor->allocated++);
        if (__builtin_expect(trace->skew.count[SKEW_FREE] == 0, 1) &&
            live_map_insert_first(&trace->live, address, block)) {
                events_stage(trace, MTR_ALLOC, site);
        } else if (trace->skew.count[SKEW_FREE] != 0 || live_map_find(&trace->live, address, &known)) {
                alloc_out_of_turn(trace, record, block);
        } else {
                events_stage(trace, MTR_ALLOC, site);
                if (__builtin_expect(!live_map_insert(&trace->live, address, block), 0))
                        trace->starved = true;
        }
}

/* enum mtr_distance of a block that this ring's thread frees. */
static uint32_t distance_of(struct trace *trace, const struct cursor *cursor, uint64_t address,
                            struct live_block block) {
        uint32_t distance =
                recent_distance(trace_recent(trace, cursor->index), address, block.order, cursor->allocated);

        distance = cursor->last_alloc == address ? 0 : distance;
        return block.thread == cursor->thread ? distance : MTR_DISTANCE_OTHER;
}

/* The block that a realloc had released lives on after all. */
static void begun_undo(struct trace *trace, struct begun begun) {
        struct skew_held held = { .address = begun.address,
                                  .time = begun.time,
                                  .since = trace->stream_time,
                                  .block = begun.block,
                                  .kind = SKEW_ALLOC };

        if (!begun.missing)
                held_give_up(trace, &held);
}

static struct begun begun_remove(struct trace *trace, struct cursor *cursor, uint32_t at) {
        struct begun begun = cursor->begun[at];

        cursor->begun_count--;
        memmove(&cursor->begun[at], &cursor->begun[at + 1], (cursor->begun_count - at) * sizeof(begun));
        if (begun.missing)
                skew_forget_begun(&trace->skew, begun.address, (uint16_t)cursor->index);
        return begun;
}

/* The innermost BEGIN of an address, 0: of any. False: there is none. */
static bool begun_take(struct trace *trace, struct cursor *cursor, uint64_t address, struct begun *begun) {
        uint32_t at = cursor->begun_count;

        while (at > 0 && address != 0 && cursor->begun[at - 1].address != address)
                at--;
        if (at == 0)
                return false;
        *begun = begun_remove(trace, cursor, at - 1);
        return true;
}

/*
 * Whether a block that is not live is one that a realloc of this thread released and never came back from: a
 * handler jumped out of it. Nobody was told of another, so it lives on.
 */
static bool begun_left(struct trace *trace, struct cursor *cursor, uint64_t address) {
        struct begun begun;

        if (__builtin_expect(cursor->begun_count == 0, 1) || !begun_take(trace, cursor, address, &begun))
                return false;
        begun_undo(trace, begun);
        return !begun.missing;
}

static void record_free(struct trace *trace, struct cursor *cursor, const struct record *record) {
        uint64_t address = record_address(record->first);
        struct live_block block;

        if (__builtin_expect(live_map_remove(&trace->live, address, &block), 1))
                block_free(trace, address, block, distance_of(trace, cursor, address, block));
        else if (begun_left(trace, cursor, address))
                record_free(trace, cursor, record);
        else
                free_unknown(trace, address, record->time, record->ring, false);
}

static void realloc_begin(struct trace *trace, struct cursor *cursor, const struct record *record) {
        struct begun begun = { .address = record_address(record->first), .time = record->time };
        struct skew_held held;

        /* Handlers do not nest that deep: these were left by siglongjmp, and their blocks live on. */
        if (cursor->begun_count == CURSOR_BEGUN_MAX)
                begun_undo(trace, begun_remove(trace, cursor, 0));
        begun.missing = !live_map_remove(&trace->live, begun.address, &begun.block) &&
                        !(begun_left(trace, cursor, begun.address) &&
                          live_map_remove(&trace->live, begun.address, &begun.block));
        if (begun.missing)
                free_unknown(trace, begun.address, begun.time, cursor->index, true);
        else if (skew_take(&trace->skew, SKEW_ALLOC, begun.address, &held))
                live_insert(trace, &held);
        cursor->begun[cursor->begun_count++] = begun;
}

static void begun_free(struct trace *trace, struct cursor *cursor, uint64_t address) {
        struct begun begun;

        if (!begun_take(trace, cursor, address, &begun))
                return;
        if (begun.missing)
                free_unknown(trace, begun.address, begun.time, cursor->index, false);
        else
                block_end(trace, begun.block, distance_of(trace, cursor, begun.address, begun.block));
}

static void record_thread(struct trace *trace, struct cursor *cursor, uint32_t tid, uint64_t time) {
        struct begun begun;

        while (begun_take(trace, cursor, 0, &begun))
                begun_undo(trace, begun);
        cursor->last_alloc = 0;
        cursor->thread = threads_add(trace, tid, time);
        if (cursor->thread == THREAD_NONE) {
                cursor->thread = 0;
                trace->starved = true;
        }
}

static void record_rare(struct trace *trace, struct cursor *cursor, const struct record *record) {
        struct begun begun;

        switch (record_op(record->first)) {
        case RECORD_REALLOC_BEGIN:
                realloc_begin(trace, cursor, record);
                break;
        case RECORD_REALLOC_DONE:
                begun_free(trace, cursor, 0);
                record_alloc(trace, cursor, record);
                break;
        case RECORD_REALLOC_FAILED:
                if (begun_take(trace, cursor, record_address(record->first), &begun))
                        begun_undo(trace, begun);
                break;
        case RECORD_REALLOC_FREED:
                begun_free(trace, cursor, record_address(record->first));
                break;
        case RECORD_THREAD:
                record_thread(trace, cursor, (uint32_t)record_address(record->first), record->time);
                break;
        case RECORD_NAME:
                marks_add(trace, cursor->thread, record);
                break;
        default: /* RECORD_VOID, damage */
                break;
        }
}

uint32_t pair_events_of(const struct record *record) {
        switch (record_op(record->first)) {
        case RECORD_ALLOC:
        case RECORD_FREE:
        case RECORD_REALLOC_FREED:
        case RECORD_NAME:
                return 1;
        case RECORD_REALLOC_DONE:
                return 2;
        default:
                return 0;
        }
}

static void age(struct trace *trace) {
        if (__builtin_expect(trace->events.time_unit - trace->aged_unit < LIVE_AGE_STEP, 1))
                return;
        live_map_age(&trace->live, (uint32_t)trace->events.time_unit);
        trace->aged_unit = trace->events.time_unit;
}

void pair_batch(struct trace *trace) {
        uint32_t count = trace->batch_count, i = 0;

        trace->batch_count = 0;
        if (count == 0)
                return;
        if (!trace->starved && events_reserve(trace) && !trace->events.block_begun)
                events_block_begin(trace, trace->batch[0].time);
        age(trace);
        for (; i < count && !trace->starved; i++) {
                const struct record *record = &trace->batch[i];
                struct cursor *cursor = trace_cursor(trace, record->ring);
                enum record_op op = record_op(record->first);

                events_time(trace, record->time);
                if (__builtin_expect(cursor->thread == THREAD_NONE && op != RECORD_THREAD, 0))
                        record_thread(trace, cursor,
                                      atomic_load_explicit(&cursor->ring->owner, memory_order_relaxed),
                                      record->time);
                /* These bring no event. */
                if (op != RECORD_THREAD && op != RECORD_REALLOC_BEGIN && op != RECORD_NAME &&
                    op != RECORD_ASK)
                        events_thread(trace, cursor->thread);
                if (op == RECORD_FREE)
                        record_free(trace, cursor, record);
                else if (__builtin_expect(op == RECORD_ALLOC, 1))
                        record_alloc(trace, cursor, record);
                else
                        record_rare(trace, cursor, record);
        }
        events_put(trace);
        for (; i < count; i++)
                trace->starved_events += pair_events_of(&trace->batch[i]);
        trace->names_used = 0;
}

void pair_expire(struct trace *trace, uint64_t time) {
        struct skew_held held;

        if (trace->skew.first == trace->skew.end)
                return;
        if (!trace->events.block_begun)
                events_block_begin(trace, trace->stream_time);
        while (events_reserve(trace) && skew_take_old(&trace->skew, time, &held)) {
                held_give_up(trace, &held);
                if (trace->staged_count >= BATCH_RECORDS)
                        events_put(trace);
        }
        events_put(trace);
}
