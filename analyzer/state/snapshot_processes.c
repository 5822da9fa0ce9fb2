/*
 * Which processes a snapshot was merged of, and what each of them came to. One thread.
 */
#include "state/snapshot_parts.h"

#include "base/array.h"
#include "base/saturate.h"

#include <string.h>

int snapshot_take_merged(struct snapshot *snapshot, const json_t *row) {
        struct summary_process process = { .run.has_end = true };
        struct summary *run = &process.run;
        uint64_t pid = 0;
        const struct snapshot_figure figures[] = { { "pid", &pid },
                                                   { "started_ns", &run->started_unix_ns },
                                                   { "live_bytes", &process.live_bytes },
                                                   { "live_blocks", &process.live_blocks },
                                                   { "allocations", &run->allocations },
                                                   { "frees", &run->frees },
                                                   { "allocated_bytes", &run->allocated_bytes },
                                                   { "peak_bytes", &run->peak_bytes },
                                                   { "peak_time_ns", &run->peak_time_ns },
                                                   { "leaked_bytes", &run->leaked_bytes },
                                                   { "leaked_blocks", &run->leaked_blocks },
                                                   { "temporary", &run->temporary },
                                                   { "lost", &run->lost },
                                                   { "duration_ns", &run->duration_ns },
                                                   { 0 } };
        struct mtr_end end = { 0 };
        char *exe = NULL;
        int error = snapshot_figures(snapshot, row, figures);

        if (error == 0 && pid > UINT32_MAX)
                error = snapshot_wrong(snapshot, "pid is more than %u", UINT32_MAX);
        if (error == 0)
                error = snapshot_ended(snapshot, json_object_get(row, "ended"), &end, &run->running);
        if (error == 0)
                error = snapshot_text(snapshot, json_object_get(row, "exe"), "exe", &exe);
        if (error == 0 && array_reserve(&snapshot->processes, &snapshot->processes_capacity,
                                        snapshot->process_count + 1, sizeof(*snapshot->processes)) < 0)
                error = snapshot_no_memory(snapshot);
        if (error < 0) {
                free(exe);
                return error;
        }
        run->pid = (uint32_t)pid;
        run->how = (enum mtr_end_how)end.how;
        run->code = end.code;
        run->program = exe;
        snapshot->processes[snapshot->process_count++] = process;
        return 0;
}

int snapshot_check_processes(const struct snapshot *snapshot) {
        const struct mtr_end *all = &snapshot->trace->facts.end;
        struct summary_process sum = { 0 };
        const struct {
                const char *name;
                uint64_t told, *found;
        } pairs[] = {
                { "live_bytes", snapshot->told.live_bytes, &sum.live_bytes },
                { "live_blocks", snapshot->told.live_blocks, &sum.live_blocks },
                { "allocations", all->allocations, &sum.run.allocations },
                { "allocated_bytes", all->allocated_bytes, &sum.run.allocated_bytes },
                { "peak_bytes", all->peak_bytes, &sum.run.peak_bytes },
                { "leaked_bytes", all->live_bytes, &sum.run.leaked_bytes },
                { "leaked_blocks", all->live_blocks, &sum.run.leaked_blocks },
        };

        for (size_t i = 0; i < snapshot->process_count; i++) {
                const struct summary_process *process = &snapshot->processes[i];

                sum.live_bytes = saturate_add(sum.live_bytes, process->live_bytes);
                sum.live_blocks = saturate_add(sum.live_blocks, process->live_blocks);
                summary_add(&sum.run, &process->run);
        }
        for (size_t i = 0; snapshot->process_count > 0 && i < sizeof(pairs) / sizeof(*pairs); i++) {
                uint64_t found = *pairs[i].found > INT64_MAX ? INT64_MAX : *pairs[i].found;

                if (pairs[i].told != found)
                        return snapshot_wrong(
                                snapshot, "its processes come to %llu %s, all is said to be %llu",
                                (unsigned long long)found, pairs[i].name, (unsigned long long)pairs[i].told);
        }
        return 0;
}
