/*
 * Pairing of allocations and frees: see pair.h. Runs in the collector's one thread, over every
 * record of every traced process.
 */
#include "collector/pair.h"

#include "collector/domains.h"
#include "collector/marks.h"
#include "collector/pairing.h"
#include "collector/threads.h"

/* These bring no event here, so the stream's thread may stay. */
#define OPS_WITHOUT_EVENT                                                                                    \
        (1u << RECORD_THREAD | 1u << RECORD_REALLOC_BEGIN | 1u << RECORD_NAME | 1u << RECORD_ASK |           \
         1u << RECORD_REPORT_CLEAR)

static void record_alloc(struct trace *trace, struct cursor *cursor, const struct record *record) {
        uint32_t kind = record_kind(record->first);

        pairing_alloc(trace, &trace->heap, cursor, record,
                      sites_number(&trace->sites, &trace->stacks, record->node, record->size,
                                   kind < MTR_KIND_COUNT ? kind : MTR_KIND_MALLOC));
}

/* The block that a realloc had released lives on after all. */
static void begun_undo(struct trace *trace, struct begun begun) {
        struct skew_held held = { .address = begun.address,
                                  .time = begun.time,
                                  .since = trace->stream_time,
                                  .block = begun.block,
                                  .kind = SKEW_ALLOC };

        if (!begun.missing)
                pairing_give_up(trace, &trace->heap, &held);
}

static struct begun begun_remove(struct trace *trace, struct cursor *cursor, uint32_t at) {
        struct begun begun = cursor->begun[at];

        cursor->begun_count--;
        memmove(&cursor->begun[at], &cursor->begun[at + 1], (cursor->begun_count - at) * sizeof(begun));
        if (begun.missing)
                skew_forget_begun(&trace->heap.skew, begun.address, (uint16_t)cursor->index);
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

        if (__builtin_expect(pairing_free(trace, &trace->heap, cursor, address), 1))
                return;
        if (begun_left(trace, cursor, address))
                record_free(trace, cursor, record);
        else
                pairing_free_unknown(trace, &trace->heap, address, record->time, record->ring, false);
}

static void realloc_begin(struct trace *trace, struct cursor *cursor, const struct record *record) {
        struct begun begun = { .address = record_address(record->first), .time = record->time };

        /* Handlers do not nest that deep: these were left by siglongjmp, and their blocks live on. */
        if (cursor->begun_count == CURSOR_BEGUN_MAX)
                begun_undo(trace, begun_remove(trace, cursor, 0));
        begun.missing = !live_map_remove(&trace->heap.live, begun.address, &begun.block) &&
                        !(begun_left(trace, cursor, begun.address) &&
                          live_map_remove(&trace->heap.live, begun.address, &begun.block));
        if (begun.missing)
                pairing_free_unknown(trace, &trace->heap, begun.address, begun.time, cursor->index, true);
        else
                pairing_promote(trace, &trace->heap, begun.address);
        cursor->begun[cursor->begun_count++] = begun;
}

static void begun_free(struct trace *trace, struct cursor *cursor, uint64_t address) {
        struct begun begun;

        if (!begun_take(trace, cursor, address, &begun))
                return;
        if (begun.missing)
                pairing_free_unknown(trace, &trace->heap, begun.address, begun.time, cursor->index, false);
        else
                pairing_end(trace, &trace->heap, begun.block,
                            pairing_distance(&trace->heap, cursor, begun.address, begun.block));
}

static void record_thread(struct trace *trace, struct cursor *cursor, uint32_t tid, uint64_t time) {
        struct begun begun;

        while (begun_take(trace, cursor, 0, &begun))
                begun_undo(trace, begun);
        heap_lane(&trace->heap, cursor->index)->last_alloc = 0;
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
        case RECORD_REPORT_ALLOC:
        case RECORD_REPORT_FREE:
                domains_report(trace, cursor, record);
                break;
        default: /* RECORD_VOID, what drain.h has done, damage */
                break;
        }
}

uint32_t pair_events_of(const struct record *record) {
        switch (record_op(record->first)) {
        case RECORD_ALLOC:
        case RECORD_FREE:
        case RECORD_REALLOC_FREED:
        case RECORD_NAME:
        case RECORD_REPORT_ALLOC:
        case RECORD_REPORT_FREE:
        case RECORD_REPORT_CLEAR:
                return 1;
        case RECORD_REALLOC_DONE:
                return 2;
        default:
                return 0;
        }
}

static void age(struct trace *trace) {
        struct heap *heap = &trace->heap;

        if (__builtin_expect(trace->events.time_unit - trace->aged_unit < LIVE_AGE_STEP, 1))
                return;
        for (uint32_t i = 0; heap; heap = domains_heap(&trace->domains, i++))
                live_map_age(&heap->live, (uint32_t)trace->events.time_unit);
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
                if (!(OPS_WITHOUT_EVENT >> op & 1))
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

static void expire(struct trace *trace, struct heap *heap, uint64_t time) {
        struct skew_held held;

        if (heap->skew.first == heap->skew.end)
                return;
        if (!trace->events.block_begun)
                events_block_begin(trace, trace->stream_time);
        while (events_reserve(trace) && skew_take_old(&heap->skew, time, &held)) {
                pairing_give_up(trace, heap, &held);
                if (trace->staged_count >= BATCH_RECORDS)
                        events_put(trace);
        }
        events_put(trace);
}

void pair_expire(struct trace *trace, uint64_t time) {
        struct heap *heap = &trace->heap;

        for (uint32_t i = 0; heap; heap = domains_heap(&trace->domains, i++))
                expire(trace, heap, time);
}
