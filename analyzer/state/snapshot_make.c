/*
 * From what a snapshot says to the state that it stands for. One thread.
 */
#include "state/snapshot_parts.h"

#include "base/saturate.h"

#include <errno.h>

struct snapshot_sums snapshot_sum(const struct replay *replay) {
        struct snapshot_sums sums = { 0 };

        for (size_t i = 0; i < replay->site_count; i++) {
                const struct replay_site *site = &replay->sites[i];

                sums.live_blocks = saturate_add(sums.live_blocks, site->live_blocks);
                sums.live_bytes =
                        saturate_add(sums.live_bytes, saturate_times(site->live_blocks, site->size_bytes));
                sums.allocations = saturate_add(sums.allocations, site->allocations);
                sums.allocated_bytes = saturate_add(sums.allocated_bytes,
                                                    saturate_times(site->allocations, site->size_bytes));
                sums.temporary = saturate_add(sums.temporary, site->temporary);
        }
        return sums;
}

/* Whoever wrote it may have added up wrong, or changed a number. */
static int check_sums(const struct snapshot *snapshot, const struct snapshot_sums *sums) {
        const struct {
                const char *name;
                uint64_t told, found;
        } pairs[] = {
                { "live_bytes", snapshot->told.live_bytes, sums->live_bytes },
                { "live_blocks", snapshot->told.live_blocks, sums->live_blocks },
                { "allocated_bytes", snapshot->told.allocated_bytes, sums->allocated_bytes },
                { "allocations", snapshot->told.allocations, sums->allocations },
                { "temporary", snapshot->told.temporary, sums->temporary },
        };

        for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
                uint64_t found = pairs[i].found > INT64_MAX ? INT64_MAX : pairs[i].found;

                if (pairs[i].told != found)
                        return snapshot_wrong(snapshot, "its sites come to %llu %s, its moment says %llu",
                                              (unsigned long long)found, pairs[i].name,
                                              (unsigned long long)pairs[i].told);
        }
        return 0;
}

int snapshot_make(struct snapshot *snapshot, struct state *state) {
        struct trace *trace = snapshot->trace;
        bool knows_highs = snapshot->highs || trace_site_count(trace) == 0; /* there are none to know */
        struct snapshot_sums sums;
        int error;

        state->range = (struct range){
                .more = { .trace = trace,
                          .sites = snapshot->sites,
                          .site_count = trace_site_count(trace),
                          .high_bytes = knows_highs ? snapshot->high_bytes : NULL,
                          .time_ns = snapshot->time_ns },
                .to_ns = snapshot->time_ns,
        };
        snapshot->sites = NULL;
        if (knows_highs)
                snapshot->high_bytes = NULL;
        sums = snapshot_sum(&state->range.more);
        error = check_sums(snapshot, &sums);
        if (error == 0)
                error = snapshot_check_processes(snapshot);
        if (error == 0 && snapshot->threads)
                error = snapshot_make_threads(snapshot, &state->range.more);
        if (error < 0)
                return error;
        state->range.more.totals = (struct replay_totals){ .allocations = sums.allocations,
                                                           .temporary = sums.temporary,
                                                           .allocated_bytes = sums.allocated_bytes,
                                                           .live_bytes = sums.live_bytes,
                                                           .live_blocks = sums.live_blocks };
        trace->facts.has_process = true;
        /* the figures are there even where the trace had no end: nothing has to be counted */
        trace->facts.has_end = true;
        error = summary_make(trace, &state->summary);
        /* only now, because they are of what its sites are of already */
        trace->beyond_heap = state->summary.beyond_heap = snapshot->beyond_heap;
        trace->facts.has_end = state->summary.has_end = snapshot->has_end;
        state->summary.peak_time_ns = snapshot->peak_time_ns;
        state->summary.scopes = snapshot->scopes;
        state->summary.processes = snapshot->processes;
        state->summary.process_count = snapshot->process_count;
        snapshot->processes = NULL;
        snapshot->process_count = 0;
        if (error != 0)
                return error;
        state->symbols = symbols_new_known(trace, snapshot->names, snapshot->texts);
        snapshot->names = NULL;
        snapshot->texts = (struct intern){ 0 };
        if (!state->symbols)
                return -ENOMEM;
        state->moment = snapshot->moment;
        state->when = snapshot->when;
        snapshot->when = NULL;
        return 0;
}
