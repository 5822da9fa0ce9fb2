/*
 * Which threads of several states are the same, and what they hold together. One thread.
 */
#include "base/array.h"
#include "base/saturate.h"
#include "state/snapshot_merge_parts.h"

#include <errno.h>
#include <string.h>

/* `same_name`: so many threads of that name the process had before. */
static int number_thread(struct snapshot_merge *merge, const struct trace_thread *thread, uint32_t name,
                         uint32_t same_name, uint32_t *number) {
        struct trace_table *table = &merge->into.trace->tables[TRACE_THREADS];
        const uint32_t *known =
                map_value(&merge->threads, (uint64_t)name << 32 | same_name, (uint32_t)table->count);
        struct trace_thread *row;

        if (!known)
                return -ENOMEM;
        *number = *known;
        if (*known < table->count)
                return 0;
        row = snapshot_add_row(&merge->into, TRACE_THREADS, sizeof(*row));
        if (!row || !(row->name = strdup(thread->name ? thread->name : "")))
                return -ENOMEM;
        row->tid = thread->tid;
        row->start_time_ns = thread->start_time_ns;
        table->count++;
        return 0;
}

/* The merged threads' numbers, by the trace's. Heap; NULL: no memory. */
static uint32_t *number_threads(struct snapshot_merge *merge, const struct trace *trace) {
        size_t count = trace->tables[TRACE_THREADS].count;
        uint32_t *numbers = calloc(count + 1, sizeof(*numbers));
        struct map names = { 0 }; /* to how many there were so far */
        int error = numbers ? 0 : -ENOMEM;

        for (uint32_t i = 0; error == 0 && i < count; i++) {
                const struct trace_thread *thread = trace_thread(trace, i);
                uint32_t name, *so_far = NULL;

                error = intern_text(&merge->into.texts, thread->name ? thread->name : "", &name);
                if (error == 0 && !(so_far = map_value(&names, name, 0)))
                        error = -ENOMEM;
                if (error == 0)
                        error = number_thread(merge, thread, name, (*so_far)++, &numbers[i]);
        }
        map_deinit(&names);
        if (error == 0)
                return numbers;
        free(numbers);
        return NULL;
}

static int add_pair(struct snapshot_merge *merge, uint32_t site, uint32_t thread,
                    const struct replay_site *counts) {
        struct snapshot *into = &merge->into;
        const uint32_t *known =
                map_value(&merge->pairs, (uint64_t)site << 32 | thread, (uint32_t)into->pair_count);
        struct replay_site *own;

        if (!known || array_reserve(&into->pairs, &into->pairs_capacity, into->pair_count + 1,
                                    sizeof(*into->pairs)) < 0)
                return snapshot_no_memory(into);
        if (*known == into->pair_count)
                into->pairs[into->pair_count++] = (struct by_thread_pair){ .site = site, .thread = thread };
        own = &into->pairs[*known].counts;
        own->live_blocks = saturate_add(own->live_blocks, counts->live_blocks);
        own->allocations = saturate_add(own->allocations, counts->allocations);
        own->temporary = saturate_add(own->temporary, counts->temporary);
        return 0;
}

int snapshot_merge_threads(struct snapshot_merge *merge, struct snapshot_merge_from *from) {
        const struct by_thread *by_thread = from->state->range.more.by_thread;
        struct snapshot *into = &merge->into;
        uint32_t *numbers;
        int error = 0;

        if (!by_thread || !from->state->trace->facts.tells_owners) {
                merge->lacks_threads = true;
                return 0;
        }
        into->threads = true;
        into->unsure_blocks = saturate_add(into->unsure_blocks, by_thread->unsure);
        numbers = number_threads(merge, from->state->trace);
        if (!numbers)
                return snapshot_no_memory(into);
        for (size_t i = 0; error == 0 && i < by_thread->count; i++) {
                const struct by_thread_pair *pair = &by_thread->pairs[i];

                if (used_counts(&pair->counts) && from->used.sites[pair->site] != USED_NOT)
                        error = add_pair(merge, from->used.sites[pair->site],
                                         pair->thread == BY_THREAD_UNKNOWN ? BY_THREAD_UNKNOWN
                                                                           : numbers[pair->thread],
                                         &pair->counts);
        }
        free(numbers);
        return error;
}

/* What is left of `all` without `some`. */
static uint64_t rest(uint64_t all, uint64_t some) {
        return all > some ? all - some : 0;
}

int snapshot_merge_settle_threads(struct snapshot_merge *merge) {
        struct snapshot *into = &merge->into;
        size_t count = trace_site_count(into->trace);
        struct replay_site *left;
        int error = 0;

        if (!into->threads || !merge->lacks_threads)
                return 0;
        left = calloc(count + 1, sizeof(*left));
        if (!left)
                return snapshot_no_memory(into);
        memcpy(left, into->sites, count * sizeof(*left));
        for (size_t i = 0; i < into->pair_count; i++) {
                const struct by_thread_pair *pair = &into->pairs[i];
                struct replay_site *site = &left[pair->site];

                site->live_blocks = rest(site->live_blocks, pair->counts.live_blocks);
                site->allocations = rest(site->allocations, pair->counts.allocations);
                site->temporary = rest(site->temporary, pair->counts.temporary);
        }
        for (uint32_t i = 0; error == 0 && i < count; i++)
                if (used_counts(&left[i])) {
                        into->unsure_blocks = saturate_add(into->unsure_blocks, left[i].live_blocks);
                        error = add_pair(merge, i, BY_THREAD_UNKNOWN, &left[i]);
                }
        free(left);
        return error;
}
