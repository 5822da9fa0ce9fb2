/*
 * Runs blocks one after the other and compares what their headers say with what their events
 * do. One thread.
 */
#include "replay/replay.h"

#include "base/cursor.h"
#include "base/message.h"
#include "base/progress.h"
#include "reader/domains.h"
#include "reader/records.h"
#include "replay/by_thread.h"
#include "replay/curve.h"
#include "replay/events.h"
#include "replay/groups.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int replay_init(struct replay *replay, struct trace *trace) {
        *replay = (struct replay){ .trace = trace, .site_count = trace_site_count(trace) };
        replay->sites = calloc(replay->site_count + 1, sizeof(*replay->sites));
        if (!replay->sites)
                return message_errno(ENOMEM, trace->reader->name, "cannot replay");
        for (uint32_t i = 0; i < replay->site_count; i++)
                replay->sites[i].size_bytes = trace_site(trace, i)->size_bytes;
        return 0;
}

void replay_deinit(struct replay *replay) {
        free(replay->sites);
        free(replay->high_bytes);
        by_thread_free(replay->by_thread);
        *replay = (struct replay){ 0 };
}

__attribute__((format(printf, 3, 4))) static void mismatch(struct replay *replay, size_t index,
                                                           const char *format, ...) {
        va_list arguments;
        int used;

        if (replay->mismatches++ > 0)
                return;
        used = snprintf(replay->first_mismatch, sizeof(replay->first_mismatch),
                        "block %u: ", replay->trace->reader->blocks[index].header.sequence);
        va_start(arguments, format);
        vsnprintf(replay->first_mismatch + used, sizeof(replay->first_mismatch) - (size_t)used, format,
                  arguments);
        va_end(arguments);
}

/* One site of a checkpoint; false where it differs from the state as replayed. */
static bool set_live(struct replay *replay, uint64_t number, uint64_t live_blocks) {
        struct replay_site *site = &replay->sites[number];
        bool same = site->live_blocks == live_blocks;

        if (!domains_take_site(replay->trace, (uint32_t)number))
                return true;
        replay->totals.live_blocks += live_blocks - site->live_blocks;
        replay->totals.live_bytes += (live_blocks - site->live_blocks) * site->size_bytes;
        site->live_blocks = live_blocks;
        return same;
}

/*
 * The state before the block, from the trace itself. `seed` says that the state so far is
 * not known to be right; otherwise the two must agree.
 */
static const char *take_checkpoint(struct replay *replay, size_t index, struct cursor cursor, bool seed) {
        struct cursor live;
        uint64_t count, value, number = 0;
        size_t next = 0, differing = 0;

        if (!cursor_varint(&cursor, &count) || count > cursor_left(&cursor) / 2)
                return "a checkpoint is cut short";
        live = cursor;
        for (uint64_t i = 0; i < count; i++)
                if (!cursor_varint(&live, &value))
                        return "a checkpoint is cut short";
        for (uint64_t i = 0; i < count; i++) {
                if (!cursor_varint(&cursor, &value) || (i > 0 && value == 0))
                        return "a checkpoint's sites are out of order";
                if (__builtin_add_overflow(number, value, &number) ||
                    number >= replay->trace->sites_after[index] || !cursor_varint(&live, &value))
                        return "a checkpoint's site is not defined";
                for (; next < number; next++)
                        differing += !set_live(replay, next, 0);
                differing += !set_live(replay, next++, value);
        }
        for (; next < replay->site_count; next++)
                differing += !set_live(replay, next, 0);
        if (!seed && differing > 0)
                mismatch(replay, index, "its checkpoint differs from the events before it at %zu sites",
                         differing);
        return NULL;
}

/* What the header says of the state before the block, against what the blocks before it did. */
static void compare_begin(struct replay *replay, size_t index) {
        const struct mtr_block_header *header = &replay->trace->reader->blocks[index].header;
        const struct replay_totals *totals = &replay->totals;

        if (!domains_are_heap(replay->trace))
                return;
        if (totals->live_bytes != header->live_bytes_begin)
                mismatch(replay, index, "begins with %" PRIu64 " live bytes, its header says %" PRIu64,
                         totals->live_bytes, header->live_bytes_begin);
        if (totals->live_blocks != header->live_blocks_begin)
                mismatch(replay, index, "begins with %" PRIu64 " live blocks, its header says %" PRIu64,
                         totals->live_blocks, header->live_blocks_begin);
}

/* What the header says of the block, against what its events did. */
static void compare_header(struct replay *replay, size_t index, const struct events_run *run) {
        const struct mtr_block_header *header = &replay->trace->reader->blocks[index].header;

        if (run->events != header->event_count)
                mismatch(replay, index, "%" PRIu64 " events, its header says %" PRIu64, run->events,
                         header->event_count);
        if (run->events > 0 && run->last_event_units != header->last_time_ns / MTR_TIME_UNIT_NS)
                mismatch(replay, index, "ends at %" PRIu64 " ms, its header says %" PRIu64,
                         run->last_event_units, header->last_time_ns / MTR_TIME_UNIT_NS);
        if (!domains_are_heap(replay->trace))
                return;
        if (run->peak_bytes != header->peak_bytes)
                mismatch(replay, index, "peak %" PRIu64 " bytes, its header says %" PRIu64, run->peak_bytes,
                         header->peak_bytes);
        else if (run->peak_event != header->peak_event)
                mismatch(replay, index, "peak after %" PRIu64 " events, its header says %" PRIu64,
                         run->peak_event, header->peak_event);
        else if (run->peak_units != header->peak_time_ns / MTR_TIME_UNIT_NS)
                mismatch(replay, index, "peak at %" PRIu64 " ms, its header says %" PRIu64, run->peak_units,
                         header->peak_time_ns / MTR_TIME_UNIT_NS);
}

static void take_run(struct replay *replay, size_t index, const struct events_run *run) {
        struct replay_totals *totals = &replay->totals;
        uint64_t frees = run->allocations + totals->live_blocks - run->live_blocks;
        bool first = totals->allocations + totals->frees == 0 && run->allocations + frees > 0;

        totals->frees += frees;
        totals->allocations += run->allocations;
        totals->temporary += run->temporary;
        totals->live_bytes = run->live_bytes;
        totals->live_blocks = run->live_blocks;
        if (first || run->peak_bytes > totals->peak_bytes) {
                totals->peak_bytes = run->peak_bytes;
                totals->peak_at = (struct replay_instant){ index, run->peak_event };
                totals->peak_time_ns = run->peak_units * MTR_TIME_UNIT_NS;
        }
        replay->bad_events += run->bad_events;
        replay->time_ns = run->time_units * MTR_TIME_UNIT_NS;
}

/* What the watch has to see before the first event of the block; their number: all that is left. */
static int watch_before(struct replay *replay, size_t index) {
        const struct reader *reader = replay->trace->reader;
        struct replay_watch *watch = replay->watch;
        bool end = index >= reader->block_count;
        uint64_t units = end ? UINT64_MAX : reader->blocks[index].header.first_time_ns / MTR_TIME_UNIT_NS;
        size_t first = end ? SIZE_MAX : index;
        int error = 0;

        while (error == 0 && watch && (watch->next.block < first || watch->next_units < units))
                error = watch->reached(watch, replay, (struct replay_instant){ index, 0 }, NULL);
        return error;
}

/* The events up to the watch's next instant, or to `event_limit`; whether it is the watch's. */
static bool run_some(struct replay *replay, size_t index, uint64_t event_limit, struct cursor *body,
                     struct events_run *run, const char **wrong) {
        const struct replay_watch *watch = replay->watch;
        bool here = watch && watch->next.block == index;

        run->event_limit = here && watch->next.event < event_limit ? watch->next.event : event_limit;
        run->unit_limit = watch ? watch->next_units : UINT64_MAX;
        *wrong = events_run(run, body);
        return !*wrong && (here || run->time_units > run->unit_limit);
}

/* `wrong` is what makes the block senseless. */
static int run_events(struct replay *replay, size_t index, struct by_thread_walk *walk, struct cursor body,
                      struct events_run *run, const char **wrong) {
        uint64_t event_limit = run->event_limit;
        bool more = true;
        int error = 0;

        run->live_bytes = replay->totals.live_bytes;
        run->live_blocks = replay->totals.live_blocks;
        run->peak_bytes = run->live_bytes;
        run->peak_units = run->time_units;
        while (error == 0 && more) {
                more = run_some(replay, index, event_limit, &body, run, wrong);
                if (!*wrong && replay->by_thread)
                        error = by_thread_run(replay, walk, run->events, wrong);
                if (error == 0 && !*wrong && more)
                        error = replay->watch->reached(replay->watch, replay,
                                                       (struct replay_instant){ index, run->events }, run);
                more = more && !*wrong;
        }
        return error;
}

/*
 * One block up to `event_limit` events. `seed`: the state before it is a guess, so that neither
 * its checkpoint nor its header can contradict it.
 */
static int run_block(struct replay *replay, size_t index, uint64_t event_limit, bool *seed) {
        struct trace *trace = replay->trace;
        const struct mtr_block_header *header = &trace->reader->blocks[index].header;
        struct events_run run = {
                .sites = replay->sites,
                .high_bytes = replay->high_bytes,
                .curve = replay->curve,
                .groups = replay->groups,
                .listener = replay->listener,
                .left_out = trace->left_out,
                .site_count = trace->sites_after[index],
                /* what a lost block defined cannot be held against a later one */
                .thread_count = trace->reader->damage_count ? UINT64_MAX : trace->tables[TRACE_THREADS].count,
                .event_limit = event_limit,
                .unit_limit = UINT64_MAX,
                .time_units = header->first_time_ns / MTR_TIME_UNIT_NS,
        };
        struct by_thread_walk walk;
        struct cursor payload, body;
        const uint8_t *data;
        size_t length_bytes;
        const char *wrong = NULL;
        bool ran = false;
        uint32_t type;
        int error = reader_payload(trace->reader, index, &data, &length_bytes);

        if (error != 0)
                return error;
        if (replay->groups)
                groups_block(replay->groups, *seed);
        payload = cursor_over(data, length_bytes);
        while (!wrong && records_next(&payload, &type, &body)) {
                if (type == MTR_CHECKPOINT) {
                        wrong = take_checkpoint(replay, index, body, *seed);
                        *seed = *seed && wrong;
                        if (replay->groups)
                                groups_settle(replay->groups, replay);
                } else if (type == MTR_EVENTS && !ran) {
                        ran = true;
                        if (!*seed)
                                compare_begin(replay, index);
                        if (replay->by_thread)
                                wrong = by_thread_begin(&walk, index, cursor_over(data, length_bytes), body,
                                                        trace);
                        if (replay->curve)
                                curve_block(replay->curve, trace, index, replay->totals.live_bytes, *seed);
                        if (replay->listener)
                                replay->listener->time(replay->listener, run.time_units);
                        if (!wrong)
                                error = run_events(replay, index, &walk, body, &run, &wrong);
                        if (replay->curve)
                                curve_block_end(replay->curve, run.time_units, run.live_bytes, run.events);
                        take_run(replay, index, &run);
                        if (error == 0 && !wrong && !*seed && event_limit == UINT64_MAX)
                                compare_header(replay, index, &run);
                        if (!replay->curve)
                                break; /* what follows the events is no part of the state */
                } else if (replay->curve) {
                        curve_record(replay->curve, type, body);
                }
        }
        if (wrong) {
                reader_spoil(trace->reader, index, wrong);
                return READER_E_BLOCK;
        }
        return error;
}

/* The last readable block with a checkpoint at or before `block`; 0 when there is none. */
static size_t nearest_checkpoint(const struct trace *trace, size_t block) {
        const struct reader *reader = trace->reader;

        if (block >= reader->block_count)
                block = reader->block_count ? reader->block_count - 1 : 0;
        for (; block > 0; block--)
                if (reader->blocks[block].whole && reader->blocks[block].header.flags & MTR_BLOCK_CHECKPOINT)
                        return block;
        return 0;
}

int replay_to(struct replay *replay, struct replay_instant instant, enum replay_from from) {
        struct reader *reader = replay->trace->reader;
        size_t first = from == REPLAY_FROM_CHECKPOINT ? nearest_checkpoint(replay->trace, instant.block) : 0;
        bool seed = first > 0;
        int error;

        if (from == REPLAY_WITH_HIGHS || from == REPLAY_WITH_ALL) {
                replay->high_bytes = calloc(replay->site_count + 1, sizeof(*replay->high_bytes));
                if (!replay->high_bytes)
                        return message_errno(ENOMEM, reader->name, "cannot replay");
        }
        if ((from == REPLAY_BY_THREAD || from == REPLAY_WITH_ALL) &&
            !(replay->by_thread = by_thread_new(replay)))
                return -ENOMEM;
        progress_begin("replaying", instant.block - first);
        for (size_t i = first; i < reader->block_count && i <= instant.block; i++) {
                bool last = i == instant.block;

                progress_at(i - first);
                if (reader->blocks[i].after_loss)
                        seed = true;
                if (last && instant.event == 0 && !(reader->blocks[i].header.flags & MTR_BLOCK_CHECKPOINT))
                        break;
                error = watch_before(replay, i);
                if (error == 0)
                        error = run_block(replay, i, last ? instant.event : UINT64_MAX, &seed);
                if (error < 0 || error == READER_E_BUDGET)
                        return error;
        }
        progress_end();
        error = watch_before(replay, reader->block_count);
        if (error != 0)
                return error;
        for (uint32_t i = 0; i < replay->site_count; i++) {
                replay->totals.allocated_bytes += replay->sites[i].allocations * replay->sites[i].size_bytes;
                if (trace_site(replay->trace, i)->stack == 0)
                        replay->totals.unknown_stacks += replay->sites[i].allocations;
        }
        return replay->by_thread ? by_thread_settle(replay) : 0;
}
