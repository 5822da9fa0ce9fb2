/*
 * The part of memtrace verify that is about the program's own heaps: see verify.h.
 */
#include "commands/verify.h"

#include "base/message.h"
#include "base/saturate.h"
#include "replay/by_domain.h"
#include "replay/by_thread.h"
#include "replay/lifetimes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct lives_sum {
        uint64_t frees, temporary;
};

/* Every total of a domain's end against the events and the lives; the number that differ. */
static unsigned compare_end(const struct trace *trace, const struct trace_domain *domain,
                            const struct trace_domain_end *counted, const struct lives_sum *lives) {
        const char *name = trace->reader->name;
        unsigned wrong;

        if (!domain->has_end) {
                if (counted->allocations + counted->frees == 0)
                        return 0;
                verify_begin_line(name, domain->name);
                puts("has events, and the end record does not tell of it");
                return 1;
        }
        wrong = verify_ends(name, domain->name, counted, &domain->end);
        if (!trace->facts.tells_owners)
                return wrong;
        wrong += verify_differs(name, domain->name, "frees", "their lives", lives->frees, domain->end.frees);
        wrong += verify_differs(name, domain->name, "temporary", "their lives", lives->temporary,
                                domain->end.temporary);
        return wrong;
}

static int sum_lives(struct trace *trace, struct lives_sum *sums) {
        struct lifetimes lifetimes;
        int error = lifetimes_read(trace, &lifetimes);

        if (error != 0)
                return error;
        for (uint32_t i = 0; i < lifetimes.site_count; i++) {
                struct lives_sum *sum = &sums[domains_of_kind(trace_site(trace, i)->kind)];

                sum->frees = saturate_add(sum->frees, lifetimes.sites[i].frees);
                sum->temporary = saturate_add(sum->temporary, lifetimes.sites[i].temporary);
        }
        lifetimes_deinit(&lifetimes);
        return 0;
}

/* What no domain by itself is at fault for, and the heap is not either. */
static uint64_t compare_all(const struct replay *replay, const struct replay *heap) {
        const struct trace *trace = replay->trace;
        uint64_t wrong = 0;

        if (replay->mismatches > 0 && heap->mismatches == 0) {
                verify_begin_line(trace->reader->name, NULL);
                printf("contradicts itself with its domains at %" PRIu64 " places, first: %s\n",
                       replay->mismatches, replay->first_mismatch);
                wrong++;
        }
        if (replay->bad_events > heap->bad_events) {
                verify_begin_line(trace->reader->name, NULL);
                printf("%" PRIu64 " events of domains cannot be (a free where nothing is live)\n",
                       replay->bad_events - heap->bad_events);
                wrong++;
        }
        if (trace->reader->damage_count == 0 && replay->by_thread && heap->by_thread &&
            replay->by_thread->misfits > heap->by_thread->misfits) {
                verify_begin_line(trace->reader->name, NULL);
                printf("%" PRIu64 " frees of domains are of a thread's blocks that it does not hold\n",
                       replay->by_thread->misfits - heap->by_thread->misfits);
                wrong++;
        }
        return wrong;
}

/* What the program told wrong. */
static void note(const struct trace *trace, const struct trace_domain *domain) {
        if (domain->end.doubles + domain->end.foreign_frees == 0)
                return;
        verify_begin_line(trace->reader->name, domain->name);
        printf("blocks reported twice: %" PRIu64 "; frees of unknown blocks: %" PRIu64 "\n",
               domain->end.doubles, domain->end.foreign_frees);
}

static int compare_domains(struct trace *trace, const struct replay *heap, struct trace_domain_end *counted,
                           struct lives_sum *lives, uint64_t *wrong, uint64_t *events) {
        struct replay replay;
        int error =
                by_domain_replay(trace, trace->facts.tells_owners ? REPLAY_BY_THREAD : REPLAY_FROM_BEGINNING,
                                 &replay, counted);

        if (error != 0)
                return error;
        error = sum_lives(trace, lives);
        if (error == 0)
                *wrong += compare_all(&replay, heap);
        *events += replay.totals.allocations + replay.totals.frees - heap->totals.allocations -
                   heap->totals.frees;
        replay_deinit(&replay);
        return error;
}

int verify_domains(struct trace *trace, const struct replay *heap, bool quiet, uint64_t *wrong,
                   uint64_t *events) {
        struct trace_domain_end *counted = calloc(DOMAINS_MOST, sizeof(*counted));
        struct lives_sum *lives = calloc(DOMAINS_MOST, sizeof(*lives));
        bool all[DOMAINS_MOST];
        /* what could not be written is in the ends' totals, and declared lost */
        bool compares = trace_is_complete(trace) && trace->facts.lost_by_reason[MTR_LOSS_WRITE] == 0;
        int error = 0;

        for (uint32_t i = 0; i < DOMAINS_MOST; i++)
                all[i] = true;
        if (!counted || !lives)
                error = message_errno(ENOMEM, trace->reader->name, "cannot tell its domains apart");
        else if (trace->domains && (error = domains_take(trace, all)) == 0)
                error = compare_domains(trace, heap, counted, lives, wrong, events);
        for (uint32_t i = 1; error == 0 && i < DOMAINS_MOST; i++) {
                if (!domains_get(trace, i))
                        continue;
                if (compares)
                        *wrong += compare_end(trace, &trace->domains[i], &counted[i], &lives[i]);
                if (!quiet)
                        note(trace, &trace->domains[i]);
        }
        free(counted);
        free(lives);
        return error;
}
