/*
 * See summary_domains.h. As for the heap, the tracer's own count is right even where a block of the file is
 * lost; without it the events are counted. One thread.
 */
#include "aggregate/summary_domains.h"

#include "base/message.h"
#include "base/saturate.h"
#include "replay/by_domain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void add(struct summary *summary, const struct trace_domain_end *end) {
        const struct {
                uint64_t *to, more;
        } sums[] = {
                { &summary->allocations, end->allocations },
                { &summary->frees, end->frees },
                { &summary->temporary, end->temporary },
                { &summary->foreign_frees, end->foreign_frees },
                { &summary->allocated_bytes, end->allocated_bytes },
                { &summary->leaked_bytes, end->live_bytes },
                { &summary->leaked_blocks, end->live_blocks },
        };

        for (size_t i = 0; i < sizeof(sums) / sizeof(*sums); i++)
                *sums[i].to = saturate_add(*sums[i].to, sums[i].more);
}

void summary_domains_sum(struct summary *summary, const struct trace *trace) {
        if (!domains_taken(trace, 0))
                summary->allocations = summary->frees = summary->temporary = summary->foreign_frees =
                        summary->allocated_bytes = summary->leaked_bytes = summary->leaked_blocks = 0;
        for (uint32_t i = 1; i < DOMAINS_MOST; i++)
                if (domains_taken(trace, i))
                        add(summary, &trace->domains[i].end);
}

/* Whether all have told at the end what they came to. */
static bool all_told(const struct trace *trace) {
        for (uint32_t i = 1; i < DOMAINS_MOST; i++)
                if (domains_get(trace, i) && !trace->domains[i].has_end)
                        return false;
        return true;
}

static int add_row(struct summary *summary, const struct trace_domain *domain,
                   const struct trace_domain_end *counted) {
        struct summary_domain *row = &summary->domains[summary->domain_count];

        row->name = strdup(domain->name);
        row->taken = domain->taken;
        row->end = domain->has_end ? domain->end : *counted;
        summary->domain_count += row->name != NULL;
        return row->name ? 0 : -ENOMEM;
}

/* Of one domain alone the tracer has counted the peak, too; of several nobody but a replay has. */
static void peak_of_one(struct summary *summary) {
        const struct summary_domain *one = NULL;
        size_t taken = summary->has_heap;

        for (size_t i = 0; i < summary->domain_count; i++)
                if (summary->domains[i].taken) {
                        one = &summary->domains[i];
                        taken++;
                }
        if (one && taken == 1)
                summary->peak_bytes = one->end.peak_bytes;
}

int summary_domains_make(struct summary *summary, struct trace *trace) {
        struct trace_domain_end counted[DOMAINS_MOST] = { 0 };
        int error;

        summary->beyond_heap = trace->beyond_heap;
        summary->has_heap = domains_taken(trace, 0);
        if (!trace->domains)
                return 0;
        error = all_told(trace) ? 0 : by_domain_read(trace, counted);
        if (error != 0)
                return error;
        summary->domains = calloc(DOMAINS_MOST, sizeof(*summary->domains));
        for (uint32_t i = 1; summary->domains && error == 0 && i < DOMAINS_MOST; i++)
                if (domains_get(trace, i))
                        error = add_row(summary, &trace->domains[i], &counted[i]);
        if (!summary->domains || error != 0)
                return message_errno(ENOMEM, trace->reader->name, "cannot sum its domains up");
        peak_of_one(summary);
        return 0;
}

void summary_domains_free(struct summary *summary) {
        for (size_t i = 0; i < summary->domain_count; i++)
                free(summary->domains[i].name);
        free(summary->domains);
}
