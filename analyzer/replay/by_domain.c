/*
 * See by_domain.h. One thread.
 */
#include "replay/by_domain.h"

#include "base/saturate.h"

#include <string.h>

struct adding {
        struct replay_listener listener;
        const struct trace *trace;
        struct trace_domain_end *ends;
};

static void pass(struct replay_listener *listener, uint64_t units) {
        (void)listener;
        (void)units;
}

static void add(struct replay_listener *listener, uint32_t number, enum mtr_event event) {
        const struct adding *adding = (const struct adding *)listener;
        const struct trace_site *site = trace_site(adding->trace, number);
        struct trace_domain_end *end = &adding->ends[domains_of_kind(site->kind)];

        if (event == MTR_ALLOC) {
                end->live_bytes += site->size_bytes;
                if (end->live_bytes > end->peak_bytes)
                        end->peak_bytes = end->live_bytes;
                return;
        }
        end->frees++;
        /* what a lost block allocated is not in it */
        end->live_bytes -= end->live_bytes < site->size_bytes ? end->live_bytes : site->size_bytes;
}

/* What is added up by site is exact even where a checkpoint has set it right. */
static void settle(const struct replay *replay, struct trace_domain_end *ends) {
        for (size_t i = 0; i < DOMAINS_MOST; i++)
                ends[i].live_bytes = 0;
        for (uint32_t i = 0; i < replay->site_count; i++) {
                const struct replay_site *site = &replay->sites[i];
                struct trace_domain_end *end = &ends[domains_of_kind(trace_site(replay->trace, i)->kind)];

                end->allocations += site->allocations;
                end->temporary += site->temporary;
                end->live_blocks += site->live_blocks;
                end->live_bytes += site->live_blocks * site->size_bytes;
                end->allocated_bytes = saturate_add(end->allocated_bytes,
                                                    saturate_times(site->allocations, site->size_bytes));
        }
        for (size_t i = 0; i < DOMAINS_MOST; i++)
                if (ends[i].live_bytes > ends[i].peak_bytes)
                        ends[i].peak_bytes = ends[i].live_bytes;
}

int by_domain_replay(struct trace *trace, enum replay_from from, struct replay *replay,
                     struct trace_domain_end *ends) {
        struct adding adding = { { pass, add }, trace, ends };
        int error = replay_init(replay, trace);

        memset(ends, 0, DOMAINS_MOST * sizeof(*ends));
        if (error != 0)
                return error;
        replay->listener = &adding.listener;
        error = replay_to(replay, replay_end(trace), from);
        replay->listener = NULL;
        if (error == 0)
                settle(replay, ends);
        else
                replay_deinit(replay);
        return error;
}

int by_domain_read(struct trace *trace, struct trace_domain_end *ends) {
        bool before[DOMAINS_MOST], all[DOMAINS_MOST];
        struct replay replay;
        int error, restored;

        for (uint32_t i = 0; i < DOMAINS_MOST; i++) {
                all[i] = true;
                before[i] = domains_taken(trace, i);
        }
        error = domains_take(trace, all);
        if (error != 0)
                return error;
        error = by_domain_replay(trace, REPLAY_FROM_BEGINNING, &replay, ends);
        if (error == 0)
                replay_deinit(&replay);
        restored = domains_take(trace, before);
        return error != 0 ? error : restored;
}
