/*
 * See slices.h. The run is replayed twice: only at a slice's end is it known where in it the peak was. One
 * thread.
 */
#include "replay/slices.h"

#include "base/array.h"
#include "base/message.h"
#include "replay/events.h"
#include "replay/moment.h"

#include <errno.h>
#include <stdlib.h>

struct finding {
        struct replay_watch watch;
        struct slices *slices;
        size_t at; /* the slice that it is in */
};

static uint64_t end_units(const struct slices *slices, size_t k) {
        return slices->items[k].end_ns / MTR_TIME_UNIT_NS;
}

static void end_slice(struct finding *finding, uint64_t live_bytes, struct replay_instant at) {
        struct slices *slices = finding->slices;
        struct slices_slice *slice = &slices->items[finding->at++];

        slice->end = at;
        slice->end_bytes = live_bytes;
        if (finding->at == slices->count)
                return;
        slice[1].peak = at;
        slice[1].peak_bytes = live_bytes;
        slice[1].peak_ns = slice->end_ns;
}

/* At the end of each slice, and of each block because a run is of one. */
static int find(struct replay_watch *watch, struct replay *replay, struct replay_instant at,
                struct events_run *run) {
        struct finding *finding = (struct finding *)watch;
        struct slices *slices = finding->slices;
        struct slices_slice *slice = &slices->items[finding->at];
        uint64_t live_bytes = run ? run->live_bytes : replay->totals.live_bytes;
        uint64_t units = events_units_at(replay, at, run);
        bool block_ends = run && units <= watch->next_units;

        if (run && run->peak_bytes > slice->peak_bytes) {
                slice->peak_bytes = run->peak_bytes;
                slice->peak = (struct replay_instant){ at.block, run->peak_event };
                slice->peak_ns = run->peak_units * MTR_TIME_UNIT_NS;
        }
        if (run)
                run->peak_bytes = live_bytes;
        while (finding->at < slices->count && units > end_units(slices, finding->at))
                end_slice(finding, live_bytes, at);
        if (finding->at == slices->count) {
                replay_watch_end(watch);
                return 0;
        }
        watch->next = (struct replay_instant){ at.block + block_ends, UINT64_MAX };
        watch->next_units = end_units(slices, finding->at);
        return 0;
}

static int run_watched(struct trace *trace, struct replay_watch *watch, enum replay_from from) {
        struct replay replay;
        int error = replay_init(&replay, trace);

        if (error < 0)
                return error;
        replay.watch = watch;
        error = replay_to(&replay, replay_end(trace), from);
        replay_deinit(&replay);
        return error;
}

int slices_find(struct trace *trace, size_t count, struct slices *slices) {
        uint64_t units = moment_last_ns(trace) / MTR_TIME_UNIT_NS;
        struct finding finding = { .slices = slices };
        int error;

        count = count > SLICES_MAX ? SLICES_MAX : count > units ? (size_t)units : count;
        count = count ? count : 1;
        *slices = (struct slices){ calloc(count, sizeof(*slices->items)), count };
        if (!slices->items)
                return message_errno(ENOMEM, trace->reader->name, "cannot cut it into slices");
        for (size_t k = 0; k < count; k++) {
                unsigned __int128 end = (unsigned __int128)units * (k + 1) / count;

                slices->items[k].end_ns = (uint64_t)end * MTR_TIME_UNIT_NS;
        }
        finding.watch = (struct replay_watch){ { 0, UINT64_MAX }, end_units(slices, 0), find };
        error = run_watched(trace, &finding.watch, REPLAY_FROM_BEGINNING);
        if (error != 0)
                slices_deinit(slices);
        return error;
}

void slices_deinit(struct slices *slices) {
        free(slices->items);
        *slices = (struct slices){ 0 };
}

struct telling {
        struct replay_watch watch;
        const struct slices *slices;
        const struct slices_taker *taker;
        size_t stop;
        uint64_t *told; /* by site, or by pair of the replay: live blocks */
        size_t told_count, told_capacity;
};

static struct replay_instant instant_of(const struct telling *telling, size_t stop) {
        const struct slices_slice *slice = &telling->slices->items[stop / 2];

        return stop % 2 ? slice->end : slice->peak;
}

static int tell(struct telling *telling, size_t index, uint32_t site, uint32_t thread, uint64_t live_blocks) {
        int64_t more = (int64_t)(live_blocks - telling->told[index]);

        if (more == 0)
                return 0;
        telling->told[index] = live_blocks;
        return telling->taker->take(telling->taker->context, telling->stop, site, thread, more);
}

static int reach_told(struct telling *telling, const struct replay *replay, size_t count) {
        if (array_reserve(&telling->told, &telling->told_capacity, count, sizeof(*telling->told)) < 0)
                return message_errno(ENOMEM, replay->trace->reader->name, "cannot tell its slices");
        for (; telling->told_count < count; telling->told_count++)
                telling->told[telling->told_count] = 0;
        return 0;
}

static int tell_state(struct telling *telling, struct replay *replay) {
        const struct by_thread *by_thread = replay->by_thread;
        int error = by_thread ? by_thread_settle(replay) : 0;

        if (error == 0)
                error = reach_told(telling, replay, by_thread ? by_thread->count : replay->site_count);
        for (uint32_t i = 0; error == 0 && !by_thread && i < replay->site_count; i++)
                error = tell(telling, i, i, BY_THREAD_UNKNOWN, replay->sites[i].live_blocks);
        for (size_t i = 0; error == 0 && by_thread && i < by_thread->count; i++) {
                const struct by_thread_pair *pair = &by_thread->pairs[i];

                error = tell(telling, i, pair->site, pair->thread, pair->counts.live_blocks);
        }
        return error;
}

static int reach_stop(struct replay_watch *watch, struct replay *replay, struct replay_instant at,
                      struct events_run *run) {
        struct telling *telling = (struct telling *)watch;
        int error = tell_state(telling, replay);

        (void)at;
        (void)run;
        if (++telling->stop == 2 * telling->slices->count)
                replay_watch_end(watch);
        else
                watch->next = instant_of(telling, telling->stop);
        return error;
}

int slices_tell(struct trace *trace, const struct slices *slices, bool by_thread,
                const struct slices_taker *taker) {
        struct telling telling = { .slices = slices, .taker = taker };
        int error;

        telling.watch = (struct replay_watch){ instant_of(&telling, 0), UINT64_MAX, reach_stop };
        error = run_watched(trace, &telling.watch, by_thread ? REPLAY_BY_THREAD : REPLAY_FROM_BEGINNING);
        free(telling.told);
        return error;
}
