/*
 * What several states say of their runs, as one. The process is the first one's. One thread.
 */
#include "base/array.h"
#include "base/saturate.h"
#include "state/snapshot_merge_parts.h"

#include <errno.h>
#include <string.h>

#define MERGED "merged" /* the moment, where they are several */

static int add_process(struct snapshot *into, const struct summary_process *process) {
        struct summary_process *own;
        char *program = strdup(process->run.program);

        if (!program || array_reserve(&into->processes, &into->processes_capacity, into->process_count + 1,
                                      sizeof(*into->processes)) < 0) {
                free(program);
                return -ENOMEM;
        }
        own = &into->processes[into->process_count++];
        *own = *process;
        own->run.program = program;
        own->run.unseen = own->run.argv = own->run.command = NULL;
        own->run.argv_bytes = 0;
        own->run.processes = NULL;
        own->run.process_count = 0;
        own->run.scopes = (struct summary_scopes){ 0 }; /* whose names are the state's */
        return 0;
}

/* Those of the state, which may be merged itself. */
static int add_processes(struct snapshot *into, const struct state *state) {
        const struct summary *summary = &state->summary;
        struct snapshot_sums sums = snapshot_sum(&state->range.more);
        const struct summary_process process = { *summary, sums.live_bytes, sums.live_blocks };
        int error = 0;

        if (summary->process_count == 0)
                return add_process(into, &process);
        for (size_t i = 0; error == 0 && i < summary->process_count; i++)
                error = add_process(into, &summary->processes[i]);
        return error;
}

static int begin_facts(struct snapshot *into, const struct state *state) {
        struct trace_facts *facts = &into->trace->facts;
        const struct summary *summary = &state->summary;

        facts->exe = strdup(summary->program);
        facts->argv = malloc(summary->argv_bytes + 1);
        into->when = strdup(moment_name(&state->moment));
        if (!facts->exe || !facts->argv || !into->when)
                return -ENOMEM;
        if (summary->argv_bytes > 0)
                memcpy(facts->argv, summary->argv, summary->argv_bytes);
        facts->argv[summary->argv_bytes] = '\0';
        facts->argv_bytes = summary->argv_bytes;
        facts->end.how = summary->how;
        facts->end.code = summary->code;
        into->moment = (struct moment){ .kind = state->moment.kind, .given = true, .when = into->when };
        into->trace->reader->header.pid = summary->pid;
        into->trace->reader->header.started_unix_ns = summary->started_unix_ns;
        into->has_end = true;
        return 0;
}

/* Another moment than the others' has no name of its own. */
static int add_moment(struct snapshot *into, const struct state *state) {
        char *name;

        if (state->moment.kind == into->moment.kind && strcmp(moment_name(&state->moment), into->when) == 0)
                return 0;
        name = strdup(MERGED);
        if (!name)
                return -ENOMEM;
        free(into->when);
        into->when = name;
        into->moment = (struct moment){ .kind = MOMENT_MARK, .given = true, .when = name };
        return 0;
}

int snapshot_merge_facts(struct snapshot_merge *merge, const struct state *state) {
        struct snapshot *into = &merge->into;
        struct trace_facts *facts = &into->trace->facts;
        const struct summary *summary = &state->summary;

        if (merge->count++ == 0 && begin_facts(into, state) < 0)
                return snapshot_no_memory(into);
        if (add_moment(into, state) < 0 || add_processes(into, state) < 0)
                return snapshot_no_memory(into);
        if (summary->unseen && !facts->unseen && !(facts->unseen = strdup(summary->unseen)))
                return snapshot_no_memory(into);
        if (facts->end.how != summary->how || facts->end.code != summary->code) {
                facts->end.how = MTR_END_UNKNOWN;
                facts->end.code = 0;
        }
        summary_add(&merge->sum, summary);
        into->trace->reader->running |= summary->running;
        into->has_end &= summary->has_end;
        if (state->range.to_ns > into->time_ns)
                into->time_ns = state->range.to_ns;
        return snapshot_merge_scopes(into, &summary->scopes);
}

/* What a snapshot can say. */
static uint64_t capped(uint64_t value) {
        return value > INT64_MAX ? INT64_MAX : value;
}

uint64_t snapshot_merge_sum(uint64_t one, uint64_t other) {
        return capped(saturate_add(one, other));
}

static void settle_end(struct snapshot *into, const struct summary *sum) {
        struct mtr_end *end = &into->trace->facts.end;

        end->allocations = capped(sum->allocations);
        end->frees = capped(sum->frees);
        end->allocated_bytes = capped(sum->allocated_bytes);
        end->peak_bytes = capped(sum->peak_bytes);
        end->live_bytes = capped(sum->leaked_bytes);
        end->live_blocks = capped(sum->leaked_blocks);
        end->temporary = capped(sum->temporary);
        end->foreign_frees = capped(sum->foreign_frees);
        end->lost = capped(sum->lost);
        end->unknown_stacks = capped(sum->unknown_stacks);
        end->time_ns = sum->duration_ns;
        end->collector_cpu_ns = capped(sum->collector_cpu_ns);
        end->collector_rss_bytes = capped(sum->collector_rss_bytes);
        into->trace->facts.peak_rss_bytes = capped(sum->peak_rss_bytes);
        into->trace->reader->damage_count = capped(sum->damage_count);
        into->peak_time_ns = sum->peak_time_ns;
}

/* Numbers that only a crafted snapshot has. */
static int check_counts(struct snapshot *into) {
        for (size_t i = 0; i < trace_site_count(into->trace); i++) {
                const struct replay_site *site = &into->sites[i];

                if (site->live_blocks > INT64_MAX || site->allocations > INT64_MAX ||
                    site->temporary > INT64_MAX)
                        return snapshot_wrong(into, "more blocks of one site than a snapshot can tell");
        }
        return 0;
}

int snapshot_merge_settle_facts(struct snapshot_merge *merge) {
        struct snapshot *into = &merge->into;
        const struct replay replay = { .sites = into->sites, .site_count = trace_site_count(into->trace) };
        struct snapshot_sums sums = snapshot_sum(&replay);

        settle_end(into, &merge->sum);
        into->told = (struct snapshot_sums){ capped(sums.live_bytes), capped(sums.live_blocks),
                                             capped(sums.allocated_bytes), capped(sums.allocations),
                                             capped(sums.temporary) };
        if (into->process_count == 1) { /* nothing was merged with it */
                summary_processes_free(into->processes, into->process_count);
                into->processes = NULL;
                into->process_count = 0;
        }
        return check_counts(into);
}
