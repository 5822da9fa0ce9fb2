/*
 * See by_thread.h. Runs the events a second time, behind the loop of events.c, which knows no threads and is
 * the faster for it. One thread.
 */
#include "replay/by_thread.h"

#include "base/array.h"
#include "base/message.h"
#include "reader/domains.h"
#include "reader/records.h"

#include <errno.h>
#include <stdlib.h>

/* What a pair takes at most: itself and its slots, in tables that were just enlarged. */
#define PAIR_COST_BYTES (2 * sizeof(struct by_thread_pair) + 4 * sizeof(struct map_slot))

/* The counts that threads share. */
static const size_t fields[] = { offsetof(struct replay_site, live_blocks),
                                 offsetof(struct replay_site, allocations),
                                 offsetof(struct replay_site, temporary) };

static uint64_t *field_of(struct replay_site *counts, size_t field) {
        return (uint64_t *)(void *)((char *)counts + fields[field]);
}

static int no_memory(const struct replay *replay) {
        return message_errno(ENOMEM, replay->trace->reader->name, "cannot tell its threads apart");
}

struct by_thread *by_thread_new(const struct replay *replay) {
        struct by_thread *by_thread = calloc(1, sizeof(*by_thread));

        if (by_thread)
                by_thread->last = calloc(replay->site_count + 1, sizeof(*by_thread->last));
        if (by_thread && by_thread->last)
                return by_thread;
        by_thread_free(by_thread);
        no_memory(replay);
        return NULL;
}

void by_thread_free(struct by_thread *by_thread) {
        if (!by_thread)
                return;
        free(by_thread->pairs);
        map_deinit(&by_thread->by_key);
        free(by_thread->last);
        free(by_thread);
}

/* The number of the pair, new or known. */
static int pair_index(struct replay *replay, uint32_t site, uint32_t thread, uint32_t *index) {
        struct by_thread *by_thread = replay->by_thread;
        uint32_t *known;

        known = map_value(&by_thread->by_key, (uint64_t)site << 32 | thread, (uint32_t)by_thread->count);
        if (!known || array_reserve(&by_thread->pairs, &by_thread->capacity, by_thread->count + 1,
                                    sizeof(*by_thread->pairs)) < 0)
                return no_memory(replay);
        *index = *known;
        if (*known < by_thread->count)
                return 0;
        if (by_thread->count >= replay->trace->reader->limits.definition_bytes / PAIR_COST_BYTES ||
            by_thread->count >= UINT32_MAX - 1)
                return READER_E_BUDGET;
        by_thread->pairs[by_thread->count++] =
                (struct by_thread_pair){ site, thread, { .size_bytes = replay->sites[site].size_bytes } };
        return 0;
}

/* The counts of the thread at the site, valid until the next call. */
static int find(struct replay *replay, uint32_t site, uint32_t thread, struct replay_site **counts) {
        struct by_thread *by_thread = replay->by_thread;
        uint32_t *last = &by_thread->last[site];

        /* mostly a site has one thread, or comes in runs */
        if (*last == 0 || by_thread->pairs[*last - 1].thread != thread) {
                uint32_t index = 0;
                int error = pair_index(replay, site, thread, &index);

                if (error != 0)
                        return error;
                *last = index + 1;
        }
        *counts = &by_thread->pairs[*last - 1].counts;
        return 0;
}

/* A thread that a lost block defined has no name, and no number to rely on. */
static uint32_t known_thread(const struct trace *trace, uint64_t number) {
        return number < trace->tables[TRACE_THREADS].count ? (uint32_t)number : BY_THREAD_UNKNOWN;
}

/* One allocation or free, of the stream's thread or, by its row, of another's block. */
static int run_event(struct replay *replay, uint64_t value, uint32_t thread, const uint64_t *owner) {
        uint32_t site = (uint32_t)(value >> 2);
        struct replay_site *counts;
        int error;

        if (owner && *owner == 0)
                return 0; /* nobody knows whose: the counts are settled at the end */
        error = find(replay, site, owner ? known_thread(replay->trace, *owner - 1) : thread, &counts);
        if (error != 0)
                return error;
        if ((value & 3) == MTR_ALLOC) {
                counts->live_blocks++;
                counts->allocations++;
        } else if (counts->live_blocks > 0) {
                counts->live_blocks--;
                counts->temporary += (value & 3) == MTR_FREE_TEMPORARY;
        } else {
                replay->by_thread->misfits++;
        }
        return 0;
}

/* The owners of the block's frees, wherever in it they stand. */
static const char *find_owners(struct cursor payload, struct lives_owners *owners) {
        struct cursor body;
        uint32_t type;

        *owners = (struct lives_owners){ .event = LIVES_NO_EVENT };
        while (records_next(&payload, &type, &body))
                if (type == MTR_OWNERS)
                        return lives_owners_begin(owners, body);
        return NULL;
}

const char *by_thread_begin(struct by_thread_walk *walk, size_t index, struct cursor payload,
                            struct cursor events, const struct trace *trace) {
        *walk = (struct by_thread_walk){
                .events = events,
                .site_count = trace->sites_after[index],
                .thread = known_thread(trace, 0),
        };
        return find_owners(payload, &walk->owners);
}

int by_thread_run(struct replay *replay, struct by_thread_walk *walk, uint64_t event_limit,
                  const char **wrong) {
        struct lives_owners *owners = &walk->owners;
        uint64_t value;

        while (!*wrong && walk->event < event_limit && cursor_varint(&walk->events, &value)) {
                bool listed = owners->event == walk->event;
                int error = 0;

                if ((value & 3) == MTR_CONTROL) {
                        if (!(value & 4))
                                walk->thread = known_thread(replay->trace, value >> 3);
                        continue;
                }
                walk->event++;
                if (listed && (value & 3) == MTR_ALLOC) {
                        *wrong = "an owner is told of an event that is no free";
                        break;
                }
                if (value >> 2 < walk->site_count && domains_take_site(replay->trace, (uint32_t)(value >> 2)))
                        error = run_event(replay, value, walk->thread, listed ? &owners->thread : NULL);
                if (error != 0)
                        return error;
                if (listed)
                        *wrong = lives_owners_next(owners);
        }
        return 0;
}

struct settling {
        uint64_t sum;
        uint32_t holders; /* threads with any of it */
};

/* Takes what the threads have in excess, and gives the unknown one what they lack, of one count. */
static int settle(struct replay *replay, size_t field, struct settling *sites) {
        struct by_thread *by_thread = replay->by_thread;
        size_t pair_count = by_thread->count;

        for (size_t i = 0; i < pair_count; i++) {
                uint64_t count = *field_of(&by_thread->pairs[i].counts, field);
                struct settling *site = &sites[by_thread->pairs[i].site];

                site->sum += count;
                site->holders += count > 0;
        }
        for (size_t i = 0; i < pair_count; i++) {
                struct by_thread_pair *pair = &by_thread->pairs[i];
                uint64_t *count = field_of(&pair->counts, field);
                uint64_t total = *field_of(&replay->sites[pair->site], field);
                struct settling *site = &sites[pair->site];
                uint64_t excess = site->sum > total ? site->sum - total : 0;

                excess = excess < *count ? excess : *count;
                *count -= excess;
                site->sum -= excess;
                if (field == 0 && site->holders > 1)
                        by_thread->unsure += excess;
        }
        for (uint32_t i = 0; i < replay->site_count; i++) {
                uint64_t lack = *field_of(&replay->sites[i], field) - sites[i].sum;
                struct replay_site *unknown;
                int error = lack ? find(replay, i, BY_THREAD_UNKNOWN, &unknown) : 0;

                if (error != 0)
                        return error;
                if (lack)
                        *field_of(unknown, field) += lack;
                if (field == 0)
                        by_thread->unsure += lack;
                sites[i] = (struct settling){ 0 };
        }
        return 0;
}

int by_thread_settle(struct replay *replay) {
        struct settling *sites = calloc(replay->site_count + 1, sizeof(*sites));
        int error = sites ? 0 : no_memory(replay);

        for (size_t i = 0; error == 0 && i < sizeof(fields) / sizeof(*fields); i++)
                error = settle(replay, i, sites);
        free(sites);
        return error;
}

void by_thread_subtract(struct by_thread *before, struct by_thread *after,
                        void (*subtract)(struct replay_site *before, struct replay_site *after)) {
        for (size_t i = 0; i < before->count; i++) {
                struct by_thread_pair *pair = &before->pairs[i];
                uint64_t key = (uint64_t)pair->site << 32 | pair->thread;
                struct replay_site none = { 0 };
                uint32_t *index = map_value(&after->by_key, key, UINT32_MAX);
                bool known = index && *index < after->count;

                subtract(&pair->counts, known ? &after->pairs[*index].counts : &none);
        }
}

void by_thread_select(struct replay *replay, const bool *taken) {
        struct by_thread *by_thread = replay->by_thread;
        size_t thread_count = replay->trace->tables[TRACE_THREADS].count;

        for (size_t i = 0; i < replay->site_count; i++)
                for (size_t k = 0; k < sizeof(fields) / sizeof(*fields); k++)
                        *field_of(&replay->sites[i], k) = 0;
        for (size_t i = 0; i < by_thread->count; i++) {
                struct by_thread_pair *pair = &by_thread->pairs[i];
                bool is_taken = taken[pair->thread < thread_count ? pair->thread : thread_count];

                for (size_t k = 0; k < sizeof(fields) / sizeof(*fields); k++) {
                        uint64_t *count = field_of(&pair->counts, k);

                        *count = is_taken ? *count : 0;
                        *field_of(&replay->sites[pair->site], k) += *count;
                }
        }
}
