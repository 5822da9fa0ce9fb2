/*
 * See sql_facts.h.
 */
#include "render/export/sql_facts.h"

#include "render/export/sql_rows.h"
#include "replay/mark_names.h"

#include <errno.h>

#define RUN_COLUMNS                                                                                          \
        "run, name, exe, command, pid, started_unix_ns, duration_ns, ended, code, "                          \
        "allocations, frees, allocated_bytes, temporary, peak_bytes, peak_time_ns, "                         \
        "leaked_bytes, leaked_blocks, foreign_frees, lost, damage, unknown_stacks, "                         \
        "peak_rss_bytes, collector_cpu_ns, collector_rss_bytes"

static void put_run(const struct state *state, struct sql_rows *rows, const char *name) {
        const struct summary *summary = &state->summary;
        const uint64_t numbers[] = {
                summary->allocations,         summary->frees,
                summary->allocated_bytes,     summary->temporary,
                summary->peak_bytes,          summary->peak_time_ns,
                summary->leaked_bytes,        summary->leaked_blocks,
                summary->foreign_frees,       summary->lost,
                summary->damage_count,        summary->unknown_stacks,
                summary->peak_rss_bytes,      summary->collector_cpu_ns,
                summary->collector_rss_bytes,
        };
        bool has_code = summary->has_end &&
                        (summary->how == MTR_END_EXITED || summary->how == MTR_END_SIGNALED) &&
                        summary->code >= 0;

        sql_rows_next(rows);
        sql_rows_text(rows, name);
        sql_rows_text(rows, summary->program);
        sql_rows_text(rows, summary->command);
        sql_rows_number(rows, summary->pid);
        sql_rows_number(rows, summary->started_unix_ns);
        sql_rows_number(rows, summary->duration_ns);
        sql_rows_text(rows, summary_ending_word(summary));
        if (has_code)
                sql_rows_number(rows, (uint64_t)summary->code);
        else
                sql_rows_null(rows);
        for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
                sql_rows_number(rows, numbers[i]);
}

uint64_t sql_facts_no_thread(const struct trace *trace) {
        return trace->tables[TRACE_THREADS].count;
}

static void put_thread(struct sql_rows *rows, uint64_t number, const struct trace_thread *thread) {
        sql_rows_next(rows);
        sql_rows_number(rows, number);
        sql_rows_number(rows, thread->tid);
        sql_rows_text(rows, thread->name);
        sql_rows_number(rows, thread->start_time_ns);
}

static void put_no_thread(struct sql_rows *rows, uint64_t number) {
        sql_rows_next(rows);
        sql_rows_number(rows, number);
        for (size_t i = 0; i < 3; i++)
                sql_rows_null(rows);
}

static void put_threads(const struct trace *trace, struct sql_rows *rows) {
        for (uint32_t i = 0; i < trace->tables[TRACE_THREADS].count; i++) {
                const struct trace_thread *thread = trace_thread(trace, i);

                /* one that a lost block defined is as good as unknown */
                if (thread->name)
                        put_thread(rows, i, thread);
                else
                        put_no_thread(rows, i);
        }
        put_no_thread(rows, sql_facts_no_thread(trace));
}

static int put_marks(const struct trace *trace, struct sql_rows *rows) {
        char **names = mark_names_new(trace);

        if (!names)
                return -ENOMEM;
        for (size_t i = 0; i < trace->mark_count; i++) {
                sql_rows_next(rows);
                sql_rows_number(rows, i);
                sql_rows_text(rows, names[i]);
                sql_rows_number(rows, trace->marks[i].time_ns);
                sql_rows_number(rows, trace->marks[i].snapshot);
        }
        mark_names_free(trace, names);
        return 0;
}

int sql_facts_put(const struct state *state, uint64_t run, const char *name, FILE *stream) {
        struct sql_rows rows = sql_rows_begin(stream, run, "runs (" RUN_COLUMNS ")");
        int error;

        put_run(state, &rows, name);
        sql_rows_end(&rows);
        rows = sql_rows_begin(stream, run, "threads (run, thread, tid, name, start_ns)");
        put_threads(state->trace, &rows);
        sql_rows_end(&rows);
        rows = sql_rows_begin(stream, run, "marks (run, mark, name, time_ns, snapshot)");
        error = put_marks(state->trace, &rows);
        sql_rows_end(&rows);
        return error;
}
