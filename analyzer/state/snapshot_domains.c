/*
 * Which domains there are, and which of them a snapshot's sites are of. A merged snapshot numbers them anew,
 * by their names. One thread.
 */
#include "state/snapshot_merge_parts.h"

#include "reader/domains.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* {number, name, selected, and of all but the heap what it came to} */
int snapshot_take_domain(struct snapshot *snapshot, const json_t *row) {
        struct trace_domain_end end = { 0 };
        const struct snapshot_figure figures[] = { { "allocations", &end.allocations },
                                                   { "frees", &end.frees },
                                                   { "allocated_bytes", &end.allocated_bytes },
                                                   { "peak_bytes", &end.peak_bytes },
                                                   { "leaked_bytes", &end.live_bytes },
                                                   { "leaked_blocks", &end.live_blocks },
                                                   { "temporary", &end.temporary },
                                                   { "unknown_frees", &end.foreign_frees },
                                                   { "reported_twice", &end.doubles },
                                                   { 0 } };
        const json_t *selected = json_object_get(row, "selected");
        struct trace_domain *domain;
        uint64_t number = 0;
        int error =
                snapshot_number(snapshot, json_object_get(row, "number"), "number", MTR_DOMAIN_MAX, &number);

        if (error == 0 && domains_get(snapshot->trace, (uint32_t)number))
                error = snapshot_wrong(snapshot, "a second domain of this number");
        if (error == 0 && !json_is_boolean(selected))
                error = snapshot_wrong(snapshot, "selected is neither true nor false");
        if (error == 0 && number > 0)
                error = snapshot_figures(snapshot, row, figures);
        if (error < 0)
                return error;
        domain = domains_reach(snapshot->trace, (uint32_t)number);
        if (!domain)
                return snapshot_no_memory(snapshot);
        domain->taken = json_is_true(selected);
        domain->has_end = number > 0;
        domain->end = end;
        return snapshot_text(snapshot, json_object_get(row, "name"), "name", &domain->name);
}

int snapshot_link_domains(struct snapshot *snapshot) {
        struct trace *trace = snapshot->trace;

        for (uint32_t i = 0; i < trace_site_count(trace); i++) {
                uint32_t number = domains_of_kind(trace_site(trace, i)->kind);

                if ((trace->domains || number > 0) && !domains_get(trace, number))
                        return snapshot_wrong_link(snapshot, "sites", i, "domain");
        }
        if (!trace->domains)
                return 0;
        snapshot->beyond_heap = !trace->domains[0].taken;
        for (uint32_t i = 1; i < DOMAINS_MOST; i++)
                snapshot->beyond_heap |= trace->domains[i].taken;
        return 0;
}

static int name_domain(struct trace_domain *domain, const char *name) {
        if (!domain)
                return -ENOMEM;
        if (!domain->name)
                domain->name = strdup(name);
        return domain->name ? 0 : -ENOMEM;
}

/* The number of the domain of that name, or the first that is free. 0: there is none. */
static uint32_t find_number(const struct trace *trace, const char *name) {
        for (uint32_t i = 1; i < DOMAINS_MOST; i++)
                if (!domains_get(trace, i) || strcmp(trace->domains[i].name, name) == 0)
                        return i;
        return 0;
}

static void add_end(struct trace_domain_end *to, const struct trace_domain_end *more) {
        to->allocations = snapshot_merge_sum(to->allocations, more->allocations);
        to->frees = snapshot_merge_sum(to->frees, more->frees);
        to->temporary = snapshot_merge_sum(to->temporary, more->temporary);
        to->allocated_bytes = snapshot_merge_sum(to->allocated_bytes, more->allocated_bytes);
        to->peak_bytes = snapshot_merge_sum(to->peak_bytes, more->peak_bytes);
        to->live_bytes = snapshot_merge_sum(to->live_bytes, more->live_bytes);
        to->live_blocks = snapshot_merge_sum(to->live_blocks, more->live_blocks);
        to->foreign_frees = snapshot_merge_sum(to->foreign_frees, more->foreign_frees);
        to->doubles = snapshot_merge_sum(to->doubles, more->doubles);
}

/*
 * What a domain comes to is told of those that its blocks are taken from, as all else is: beside a run's heap
 * and its domain, which were saved one by one, the figures would be the run's twice. Where none is, of all.
 */
static void add_figures(struct trace_domain *to, const struct summary_domain *from) {
        if (to->taken && !from->taken)
                return;
        if (from->taken && !to->taken)
                to->end = (struct trace_domain_end){ 0 };
        to->taken = from->taken;
        add_end(&to->end, &from->end);
}

/* One of the state's, which its summary has the figures of. */
static int merge_one(struct snapshot *into, const struct summary_domain *from, uint8_t *number) {
        struct trace_domain *domain;
        uint32_t found = find_number(into->trace, from->name);

        if (found == 0)
                return snapshot_wrong(into, "there are more than %u domains", MTR_DOMAIN_MAX);
        domain = domains_reach(into->trace, found);
        if (name_domain(domain, from->name) < 0)
                return snapshot_no_memory(into);
        domain->has_end = true;
        add_figures(domain, from);
        *number = (uint8_t)found;
        return 0;
}

int snapshot_merge_domains(struct snapshot_merge *merge, struct snapshot_merge_from *from) {
        const struct summary *summary = &from->state->summary;
        struct snapshot *into = &merge->into;
        size_t next = 0;
        int error = 0;

        merge->takes_heap |= summary->has_heap;
        merge->has_domains |= summary->beyond_heap || summary->domain_count > 0;
        for (uint32_t i = 1; error == 0 && i < DOMAINS_MOST && next < summary->domain_count; i++)
                if (domains_get(from->state->trace, i))
                        error = merge_one(into, &summary->domains[next++], &from->domains[i]);
        return error;
}

int snapshot_merge_settle_domains(struct snapshot_merge *merge) {
        struct snapshot *into = &merge->into;
        struct trace_domain *heap;

        if (!merge->has_domains)
                return 0;
        heap = domains_reach(into->trace, 0);
        if (name_domain(heap, DOMAINS_HEAP) < 0)
                return snapshot_no_memory(into);
        heap->taken = merge->takes_heap;
        return 0;
}
