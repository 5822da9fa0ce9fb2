/*
 * What each thread holds, as a snapshot tells it: its threads, and a row for each thread at each site. One
 * thread.
 */
#include "state/snapshot_parts.h"

#include "base/array.h"
#include "base/saturate.h"

#include <errno.h>

#define PAIRS "thread_sites"

int snapshot_take_thread(struct snapshot *snapshot, const json_t *row) {
        struct trace_thread *thread = snapshot_add_row(snapshot, TRACE_THREADS, sizeof(*thread));
        uint64_t tid, start_time_ns;
        const struct snapshot_column columns[] = { { "the tid", UINT64_MAX, &tid },
                                                   { "the start", UINT64_MAX, &start_time_ns } };
        int error;

        if (!thread)
                return snapshot_no_memory(snapshot);
        error = snapshot_columns(snapshot, row, columns, 2);
        if (error == 0)
                error = snapshot_text(snapshot, json_array_get(row, 2), "the name", &thread->name);
        if (error < 0)
                return error;
        thread->tid = tid;
        thread->start_time_ns = start_time_ns;
        snapshot->trace->tables[TRACE_THREADS].count++;
        return 0;
}

int snapshot_take_unsure(struct snapshot *snapshot, const json_t *value) {
        snapshot->threads = true;
        return snapshot_number(snapshot, value, "it", UINT64_MAX, &snapshot->unsure_blocks);
}

int snapshot_take_pair(struct snapshot *snapshot, const json_t *row) {
        const json_t *thread = json_array_get(row, 1);
        struct by_thread_pair pair = { .thread = BY_THREAD_UNKNOWN };
        const struct {
                size_t column;
                const char *what;
                uint64_t *to;
        } counts[] = { { 2, "live blocks", &pair.counts.live_blocks },
                       { 3, "allocations", &pair.counts.allocations },
                       { 4, "temporary", &pair.counts.temporary } };
        uint64_t site, number = BY_THREAD_UNKNOWN;
        int error = snapshot_number(snapshot, json_array_get(row, 0), "the site", UINT32_MAX, &site);

        if (error == 0 && !json_is_null(thread))
                error = snapshot_number(snapshot, thread, "the thread", BY_THREAD_UNKNOWN - 1, &number);
        for (size_t i = 0; error == 0 && i < sizeof(counts) / sizeof(*counts); i++)
                error = snapshot_number(snapshot, json_array_get(row, counts[i].column), counts[i].what,
                                        UINT64_MAX, counts[i].to);
        if (error < 0)
                return error;
        pair.site = (uint32_t)site;
        pair.thread = (uint32_t)number;
        if (array_reserve(&snapshot->pairs, &snapshot->pairs_capacity, snapshot->pair_count + 1,
                          sizeof(*snapshot->pairs)) < 0)
                return snapshot_no_memory(snapshot);
        snapshot->pairs[snapshot->pair_count++] = pair;
        return 0;
}

/* Takes what the thread holds off what is left of the site; false where that is less. */
static bool take_off(struct replay_site *left, const struct replay_site *counts) {
        return !__builtin_sub_overflow(left->live_blocks, counts->live_blocks, &left->live_blocks) &&
               !__builtin_sub_overflow(left->allocations, counts->allocations, &left->allocations) &&
               !__builtin_sub_overflow(left->temporary, counts->temporary, &left->temporary);
}

static int add_pair(struct snapshot *snapshot, struct replay *replay, size_t row, struct replay_site *left) {
        struct by_thread *by_thread = replay->by_thread;
        struct by_thread_pair *pair = &snapshot->pairs[row];
        uint32_t *known;

        if (pair->site >= replay->site_count)
                return snapshot_wrong_link(snapshot, PAIRS, row, "site");
        if (pair->thread != BY_THREAD_UNKNOWN && !trace_thread(snapshot->trace, pair->thread))
                return snapshot_wrong_link(snapshot, PAIRS, row, "thread");
        known = map_value(&by_thread->by_key, (uint64_t)pair->site << 32 | pair->thread, (uint32_t)row);
        if (!known)
                return snapshot_no_memory(snapshot);
        pair->counts.size_bytes = replay->sites[pair->site].size_bytes;
        by_thread->last[pair->site] = (uint32_t)row + 1;
        if (*known == row && take_off(&left[pair->site], &pair->counts))
                return 0;
        snapshot->member = PAIRS;
        snapshot->row = row;
        return snapshot_wrong(snapshot, *known == row ? "more than its site has" : "is there twice");
}

int snapshot_make_threads(struct snapshot *snapshot, struct replay *replay) {
        struct replay_site *left = calloc(replay->site_count + 1, sizeof(*left));
        int error = 0;

        replay->by_thread = by_thread_new(replay);
        if (!left || !replay->by_thread)
                error = left ? -ENOMEM : snapshot_no_memory(snapshot);
        for (size_t i = 0; error == 0 && i < replay->site_count; i++)
                left[i] = replay->sites[i];
        for (size_t i = 0; error == 0 && i < snapshot->pair_count; i++)
                error = add_pair(snapshot, replay, i, left);
        for (size_t i = 0; error == 0 && i < replay->site_count; i++)
                if (left[i].live_blocks || left[i].allocations || left[i].temporary) {
                        snapshot->member = "sites";
                        snapshot->row = i;
                        error = snapshot_wrong(snapshot, "more than its threads have");
                }
        free(left);
        if (error < 0)
                return error;
        replay->by_thread->pairs = snapshot->pairs;
        replay->by_thread->count = snapshot->pair_count;
        replay->by_thread->capacity = snapshot->pairs_capacity;
        replay->by_thread->unsure = snapshot->unsure_blocks;
        snapshot->pairs = NULL;
        snapshot->trace->facts.tells_owners = true;
        return 0;
}
