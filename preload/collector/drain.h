/*
 * One turn over the rings of a process: reads what is there, in order of time, and has it paired.
 *
 * Runs in the collector's one thread.
 */
#ifndef MEMTRACE_COLLECTOR_DRAIN_H
#define MEMTRACE_COLLECTOR_DRAIN_H

#include "collector/trace.h"

/* How old what a core has stored can be when another does not see it yet. */
#define DRAIN_SLACK_NS 20000u

/*
 * Read what the rings hold; with several, what is surely older than all that is still to come.
 * `dead`: the process writes no more, so there is nothing to wait for. Returns the most words
 * that one ring gave, which tells how soon to come again.
 */
uint64_t drain_turn(struct trace *trace, bool dead);

/* Drain's part for several rings (merge.c). */
uint64_t merge_turn(struct trace *trace, bool dead);

/*
 * If the record in the batch's next place brings a name, that is taken along, because the ring's words are
 * given back sooner than the batch is paired. What came before a snapshot is paired first, and written where
 * that snapshot is worth a block of its own.
 * A question is answered, and a domain cleared, when all before it is paired.
 */
void drain_sized(struct trace *trace, const struct cursor *cursor);

/* The record that was read into the batch's next place is taken: the cursor moves on over its words, and
 * what pairing will look at for it is fetched. */
static inline void drain_take(struct trace *trace, struct cursor *cursor, uint32_t words) {
        const struct record *record;

        if (__builtin_expect((trace->batch[trace->batch_count].first & RECORD_SIZED) != 0, 0))
                drain_sized(trace, cursor);
        record = &trace->batch[trace->batch_count++];
        cursor->last_time = record->time;
        cursor->position += words;
        live_map_prefetch(&trace->heap.live, record_address(record->first));
        sites_prefetch(&trace->sites, record->node);
}

/* Have the batch paired, and a full block written. */
void drain_batch(struct trace *trace);

/* There is no memory for what the ring holds: it is counted as lost, so that its thread need not wait. */
void drain_forget(struct trace *trace, struct cursor *cursor, bool dead);

/* True when the cursor came over the unpublished word it stands at (losses counted). */
bool drain_hole(struct trace *trace, struct cursor *cursor, bool dead);

#endif
