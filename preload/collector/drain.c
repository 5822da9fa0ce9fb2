/*
 * Reading a process's rings: see drain.h. A single ring is read straight through, in batches
 * whose look-ups are prefetched; merge.c has the case of several. Runs in the collector's one
 * thread, over every record of every traced process.
 */
#include "collector/drain.h"

#include "collector/answer.h"
#include "collector/block.h"
#include "collector/domains.h"
#include "collector/pair.h"

void drain_forget(struct trace *trace, struct cursor *cursor, bool dead) {
        while (cursor->position != cursor->head) {
                struct record record;
                uint32_t words = cursor_read(cursor, &record, true);

                if (words != 0) {
                        trace->starved_events += pair_events_of(&record);
                        cursor->position += words;
                } else if (!drain_hole(trace, cursor, dead)) {
                        break;
                }
        }
        cursor_publish(cursor);
}

/* Rings for which there is no memory are read from where they were left, so that nobody waits for room. */
static void forget_rings(struct trace *trace, uint32_t from, uint32_t count, bool dead) {
        for (uint32_t index = from; index < count; index++) {
                uint32_t chunk = atomic_load_explicit(&trace->process->rings[index], memory_order_acquire);
                struct cursor cursor = { .index = index };

                if (!chunks_claim(trace->chunks, chunk, trace->slot) &&
                    !chunks_owns(trace->chunks, chunk, trace->slot))
                        break;
                cursor.ring = session_chunk(trace->session, chunk);
                cursor.position = cursor.published =
                        atomic_load_explicit(&cursor.ring->tail, memory_order_relaxed);
                if (cursor_look(&cursor, trace->timebase->now_session))
                        drain_forget(trace, &cursor, dead);
        }
}

/* Set up cursors for rings that are new. */
static void discover(struct trace *trace, bool dead) {
        struct process *process = trace->process;
        /* Acquire pairs with the tracer's release: the ring's chunk is in place before it counts. */
        uint32_t count = atomic_load_explicit(&process->ring_count, memory_order_acquire);

        if (count > PROCESS_RINGS)
                count = PROCESS_RINGS;
        while (trace->cursor_count < count) {
                uint32_t index = trace->cursor_count;
                uint32_t chunk = atomic_load_explicit(&process->rings[index], memory_order_acquire);

                /* Not in place yet, or damage; either way the rings behind it wait. */
                if (chunk == CHUNK_NONE)
                        break;
                if (trace->starved ||
                    !array_reserve(&trace->cursors, ((size_t)index + 1) * sizeof(struct cursor)) ||
                    !heap_reserve(&trace->heap, index)) {
                        trace->starved = true;
                        forget_rings(trace, index, count, dead);
                        break;
                }
                if (!chunks_claim(trace->chunks, chunk, trace->slot))
                        break;
                *trace_cursor(trace, index) = (struct cursor){
                        .ring = session_chunk(trace->session, chunk),
                        .thread = THREAD_NONE,
                        .index = index,
                };
                trace->cursor_count++;
        }
        /* By the count, not by what is in place: the other ring may have been written already. */
        if (count > 1)
                trace->several = true;
}

void drain_batch(struct trace *trace) {
        pair_batch(trace);
        if (block_is_full(trace))
                block_write(trace, NULL);
}

void drain_sized(struct trace *trace, const struct cursor *cursor) {
        const struct record record = trace->batch[trace->batch_count];
        char *name;

        if (record_op(record.first) == RECORD_ASK || record_op(record.first) == RECORD_REPORT_CLEAR) {
                drain_batch(trace);
                if (record_op(record.first) == RECORD_ASK)
                        answer_ask(trace, cursor, &record);
                else
                        domains_clear(trace, cursor, &record);
                trace->batch[trace->batch_count] = record;
        }
        if (record_op(record.first) != RECORD_NAME)
                return;
        if (record_kind(record.first) == RECORD_NAME_SNAPSHOT) {
                drain_batch(trace);
                block_snapshot(trace);
        }
        name = trace->names + trace->names_used;
        trace->batch[trace->batch_count] = record;
        trace->batch[trace->batch_count].size = trace->names_used;
        trace->batch[trace->batch_count].node = cursor_name(cursor, record.first, name);
        trace->names_used += trace->batch[trace->batch_count].node;
}

bool drain_hole(struct trace *trace, struct cursor *cursor, bool dead) {
        int lost = cursor_hole(cursor, trace->timebase->now_ns, dead);

        if (lost < 0)
                return false;
        trace->losses.seen[MTR_LOSS_ABANDONED] += (uint64_t)lost;
        return true;
}

/* Fill the batch from a ring. */
static void fill_batch(struct trace *trace, struct cursor *cursor) {
        while (trace->batch_count < BATCH_RECORDS && cursor->position != cursor->head) {
                uint32_t words = cursor_read(cursor, &trace->batch[trace->batch_count], false);

                if (words == 0)
                        return;
                drain_take(trace, cursor, words);
        }
}

/* The process's one ring, whose records are in order already. */
static uint64_t straight_turn(struct trace *trace, struct cursor *cursor, bool dead) {
        uint64_t start = cursor->position;

        /* Here nothing waits for another turn: a time after this one's begin counts as that. */
        cursor->seen = cursor->head;
        cursor->now_before = cursor->now;
        /* What was not there at the turn before is no older than that. */
        if (cursor->drained && trace->previous_turn > cursor->last_time)
                cursor->last_time = trace->previous_turn;
        while (cursor->position != cursor->head) {
                fill_batch(trace, cursor);
                cursor_publish(cursor);
                if (trace->batch_count != 0)
                        drain_batch(trace);
                else if (!drain_hole(trace, cursor, dead))
                        break;
        }
        cursor_publish(cursor);
        cursor->seen = cursor->position;
        cursor->drained = cursor->position == cursor->head;
        return cursor->position - start;
}

/* The case of one ring; false when it turns out that there are several. */
static bool single_turn(struct trace *trace, bool dead, uint64_t *most) {
        bool more = cursor_look(trace_cursor(trace, 0), dead ? UINT64_MAX : trace->timebase->now_session);

        /* In this order: what the head covers was written before a second ring was, if there is none
         * now. */
        discover(trace, dead);
        if (trace->several)
                return false;
        if (more)
                *most = straight_turn(trace, trace_cursor(trace, 0), dead);
        else
                trace_cursor(trace, 0)->drained = true;
        return true;
}

uint64_t drain_turn(struct trace *trace, bool dead) {
        const uint64_t now = trace->timebase->now_session;
        uint64_t most = 0;

        discover(trace, dead);
        if (trace->cursor_count == 0)
                trace->merged_time = now;
        else if (trace->several || !single_turn(trace, dead, &most))
                most = merge_turn(trace, dead);
        else if (trace_cursor(trace, 0)->drained || trace_cursor(trace, 0)->late)
                trace->merged_time = now;
        trace->previous_turn = now;
        return most;
}
