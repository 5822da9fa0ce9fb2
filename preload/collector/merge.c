/*
 * Several rings read as one, in order of record time: see drain.h. A record is released when
 * none that is still to come can be older. Runs in the collector's one thread.
 */
#include "collector/drain.h"
#include "collector/pair.h"

#define PUBLISH_WORDS 1024u
#define LOOK_AHEAD 8u /* heads are fetched ahead: each ring has a page of its own */

/* A heap of cursors by the time of their next record, the oldest on top. */
struct merge {
        struct array entries; /* struct merge_entry */
        struct array active;  /* uint32_t, cursors that had something in this turn */
        uint32_t count;
        uint32_t active_count;
        uint64_t watermark;
        bool late; /* a ring was not waited for */
};

struct merge_entry {
        uint64_t time;
        uint32_t cursor;
};

/* One for all traces: a turn begins and ends with it empty. */
static struct merge merge;

static void sift_down(struct merge_entry *entries, uint32_t count, struct merge_entry entry) {
        uint32_t at = 0;

        for (;;) {
                uint32_t child = at * 2 + 1;

                if (child >= count)
                        break;
                child += child + 1 < count && entries[child + 1].time < entries[child].time;
                if (entries[child].time >= entry.time)
                        break;
                entries[at] = entries[child];
                at = child;
        }
        entries[at] = entry;
}

static bool heap_push(struct merge_entry entry) {
        struct merge_entry *entries;
        uint32_t at = merge.count;

        if (!array_reserve(&merge.entries, ((size_t)merge.count + 1) * sizeof(entry)))
                return false;
        entries = merge.entries.data;
        merge.count++;
        for (; at != 0 && entries[(at - 1) / 2].time > entry.time; at = (at - 1) / 2)
                entries[at] = entries[(at - 1) / 2];
        entries[at] = entry;
        return true;
}

/* Read the cursor's next record into the batch's next place. Its words; 0: its ring gives no more in this
 * turn. */
static uint32_t read_next(struct trace *trace, struct cursor *cursor, bool dead) {
        while (cursor->position != cursor->head) {
                uint32_t words = cursor_read(cursor, &trace->batch[trace->batch_count], true);

                if (words != 0)
                        return words;
                if (!drain_hole(trace, cursor, dead)) {
                        /* What the hole will hold is no older than this. */
                        uint64_t oldest =
                                cursor->last_time > cursor->floor ? cursor->last_time : cursor->floor;

                        merge.late |= cursor->late;
                        if (!cursor->late && oldest < merge.watermark)
                                merge.watermark = oldest;
                        return 0;
                }
        }
        return 0;
}

static bool activate(struct trace *trace, struct cursor *cursor, bool dead) {
        if (!array_reserve(&merge.active, ((size_t)merge.active_count + 1) * sizeof(uint32_t)))
                return false;
        ((uint32_t *)merge.active.data)[merge.active_count++] = cursor->index;
        return read_next(trace, cursor, dead) == 0 ||
               heap_push((struct merge_entry){ trace->batch[trace->batch_count].time, cursor->index });
}

static void look_at_all(struct trace *trace, bool dead) {
        uint64_t slack = timebase_units(trace->timebase, DRAIN_SLACK_NS);
        uint64_t now = trace->timebase->now_session;

        merge.count = merge.active_count = 0;
        merge.late = false;
        merge.watermark = dead ? UINT64_MAX : now - slack;
        for (uint32_t i = 0; i < trace->cursor_count; i++) {
                struct cursor *cursor = trace_cursor(trace, i);

                if (i + LOOK_AHEAD < trace->cursor_count)
                        __builtin_prefetch(&cursor[LOOK_AHEAD].ring->head);
                if (!cursor_look(cursor, dead ? UINT64_MAX : now)) {
                        cursor->floor = now - slack;
                } else if (!activate(trace, cursor, dead)) {
                        trace->starved = true;
                        drain_forget(trace, cursor, dead);
                }
        }
}

/*
 * Take records of one ring up to a time. Its next one's time into *time; false when it gives no more in this
 * turn. A record that is too young is read once more when its turn comes.
 */
static bool release(struct trace *trace, struct cursor *cursor, uint64_t up_to, bool dead, uint64_t *time) {
        for (;;) {
                uint32_t words = read_next(trace, cursor, dead);

                if (words == 0)
                        return false;
                *time = trace->batch[trace->batch_count].time;
                if (*time > up_to)
                        return true;
                drain_take(trace, cursor, words);
                if (cursor->position - cursor->published >= PUBLISH_WORDS)
                        cursor_publish(cursor);
                if (trace->batch_count == BATCH_RECORDS)
                        drain_batch(trace);
        }
}

uint64_t merge_turn(struct trace *trace, bool dead) {
        uint64_t most = 0;
        struct merge_entry *entries;

        look_at_all(trace, dead);
        entries = merge.entries.data;
        while (merge.count != 0 && entries[0].time <= merge.watermark) {
                struct cursor *cursor = trace_cursor(trace, entries[0].cursor);
                uint64_t runner_up = merge.watermark;
                uint64_t time;

                for (uint32_t child = 1; child <= 2 && child < merge.count; child++) {
                        if (entries[child].time < runner_up)
                                runner_up = entries[child].time;
                }
                if (release(trace, cursor, runner_up, dead, &time))
                        sift_down(entries, merge.count, (struct merge_entry){ time, cursor->index });
                else if (--merge.count != 0)
                        sift_down(entries, merge.count, entries[merge.count]);
        }
        drain_batch(trace);
        for (uint32_t i = 0; i < merge.count; i++) {
                struct cursor *cursor = trace_cursor(trace, entries[i].cursor);

                cursor->seen = cursor->position + 1; /* too young for now */
        }
        for (uint32_t i = 0; i < merge.active_count; i++) {
                struct cursor *cursor = trace_cursor(trace, ((const uint32_t *)merge.active.data)[i]);
                uint64_t words = cursor->position - cursor->turn_start;

                if (words > most)
                        most = words;
                cursor_publish(cursor);
        }
        if (merge.watermark > trace->merged_time)
                trace->merged_time = merge.watermark;
        if (!merge.late) {
                uint64_t hold = timebase_units(trace->timebase, SKEW_HOLD_NS);

                pair_expire(trace, trace->stream_time > hold ? trace->stream_time - hold : 0);
        }
        return most;
}
