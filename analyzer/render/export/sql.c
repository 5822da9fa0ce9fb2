/*
 * See sql.h. The whole is one transaction. Unless a moment is given it has the end and the peak, which are
 * what reports are of. One thread.
 */
#include "render/export/sql.h"

#include "base/message.h"
#include "base/saturate.h"
#include "render/export/sql_facts.h"
#include "render/export/sql_rows.h"
#include "render/export/sql_tables.h"
#include "render/export/stacks.h"
#include "replay/by_thread.h"
#include "schema_sql.h"
#include "state/snapshot.h"

#include <errno.h>
#include <stdlib.h>

#define COUNT_COLUMNS "live_bytes, live_blocks, allocated_bytes, allocations, temporary_bytes, temporary"

struct sql_writing {
        const struct export_wish *wish;
        FILE *stream;
        struct sql_numbers numbers;
        struct sql_tables tables;
        bool *taken; /* by stack: at this moment */
};

static struct sql_rows rows_of(const struct sql_writing *writing, const char *table) {
        return sql_rows_begin(writing->stream, writing->numbers.run, table);
}

static bool is_used(const struct sql_writing *writing, uint32_t site, const struct replay_site *counts) {
        return (counts->live_blocks > 0 || counts->allocations > 0 || counts->temporary > 0) &&
               writing->taken[trace_site(writing->wish->state->trace, site)->stack];
}

static void put_moment(const struct sql_writing *writing) {
        const struct state *state = writing->wish->state;
        const struct snapshot_sums sums = snapshot_sum(&state->range.more);
        struct sql_rows rows = rows_of(writing, "moments (run, moment, kind, time_ns, live_bytes, "
                                                "live_blocks, allocated_bytes, allocations, temporary)");

        sql_rows_next(&rows);
        sql_rows_text(&rows, moment_name(&state->moment));
        sql_rows_text(&rows, snapshot_kinds[state->moment.kind]);
        sql_rows_number(&rows, state->range.to_ns);
        sql_rows_number(&rows, sums.live_bytes);
        sql_rows_number(&rows, sums.live_blocks);
        sql_rows_number(&rows, sums.allocated_bytes);
        sql_rows_number(&rows, sums.allocations);
        sql_rows_number(&rows, sums.temporary);
        sql_rows_end(&rows);
}

static void put_numbers(struct sql_rows *rows, const struct replay_site *counts, uint64_t size_bytes) {
        sql_rows_number(rows, saturate_times(counts->live_blocks, size_bytes));
        sql_rows_number(rows, counts->live_blocks);
        sql_rows_number(rows, saturate_times(counts->allocations, size_bytes));
        sql_rows_number(rows, counts->allocations);
        sql_rows_number(rows, saturate_times(counts->temporary, size_bytes));
        sql_rows_number(rows, counts->temporary);
}

static void put_counts(const struct sql_writing *writing) {
        const struct replay *replay = &writing->wish->state->range.more;
        struct sql_rows rows = rows_of(writing, "counts (run, moment, site, " COUNT_COLUMNS ")");

        for (uint32_t i = 0; i < replay->site_count; i++) {
                if (!is_used(writing, i, &replay->sites[i]))
                        continue;
                sql_rows_next(&rows);
                sql_rows_text(&rows, moment_name(&writing->wish->state->moment));
                sql_rows_number(&rows, i);
                put_numbers(&rows, &replay->sites[i], replay->sites[i].size_bytes);
        }
        sql_rows_end(&rows);
}

static void put_thread_counts(const struct sql_writing *writing) {
        const struct replay *replay = &writing->wish->state->range.more;
        const struct by_thread *by_thread = replay->by_thread;
        struct sql_rows rows =
                rows_of(writing, "thread_counts (run, moment, site, thread, " COUNT_COLUMNS ")");

        for (size_t i = 0; i < by_thread->count; i++) {
                const struct by_thread_pair *pair = &by_thread->pairs[i];
                bool known = trace_thread(replay->trace, pair->thread);

                if (!is_used(writing, pair->site, &pair->counts) ||
                    !is_used(writing, pair->site, &replay->sites[pair->site]))
                        continue;
                sql_rows_next(&rows);
                sql_rows_text(&rows, moment_name(&writing->wish->state->moment));
                sql_rows_number(&rows, pair->site);
                sql_rows_number(&rows, known ? pair->thread : sql_facts_no_thread(replay->trace));
                put_numbers(&rows, &pair->counts, replay->sites[pair->site].size_bytes);
        }
        sql_rows_end(&rows);
}

static int take_stack(void *context, const struct export_stack *stack) {
        struct sql_writing *writing = context;

        writing->taken[stack->id] = true;
        return 0;
}

static int put_state(struct sql_writing *writing) {
        const struct state *state = writing->wish->state;
        const struct replay *replay = &state->range.more;
        size_t stack_count = state->trace->tables[TRACE_STACKS].count + 1;
        int error;

        for (size_t i = 0; i < stack_count; i++)
                writing->taken[i] = false;
        error = export_stacks(writing->wish, take_stack, writing);
        for (uint32_t i = 0; error == 0 && i < replay->site_count; i++)
                if (is_used(writing, i, &replay->sites[i]))
                        sql_tables_want(&writing->tables, i);
        if (error == 0)
                error = sql_tables_put(&writing->tables);
        if (error < 0)
                return error;
        put_moment(writing);
        put_counts(writing);
        if (replay->by_thread && state->trace->facts.tells_owners)
                put_thread_counts(writing);
        return 0;
}

static int put_all(struct sql_writing *writing) {
        struct state *state = writing->wish->state;
        const struct moment peak = { .kind = MOMENT_PEAK };
        int error;

        fputs(schema_sql, writing->stream);
        error = sql_facts_put(state, writing->numbers.run, state->trace->reader->name, writing->stream);
        if (error == 0)
                error = put_state(writing);
        if (error == 0 && !state->moment.given && !state->when) {
                error = state_move(&peak, writing->wish->reached, state);
                if (error == 0)
                        error = put_state(writing);
        }
        fputs(error < 0 ? "ROLLBACK;\n" : "COMMIT;\n", writing->stream);
        return error;
}

static int write_sql(const struct export_wish *wish, FILE *stream) {
        struct sql_writing writing = { .wish = wish, .stream = stream };
        int error = sql_numbers_init(&writing.numbers, wish->state, wish->charge);

        if (error == 0)
                error = sql_tables_init(&writing.tables, &writing.numbers, stream);
        writing.taken = calloc(wish->state->trace->tables[TRACE_STACKS].count + 1, sizeof(*writing.taken));
        if (error == 0 && !writing.taken)
                error = message_errno(ENOMEM, wish->operand, "cannot export");
        if (error == 0)
                error = put_all(&writing);
        free(writing.taken);
        sql_tables_deinit(&writing.tables);
        sql_numbers_deinit(&writing.numbers);
        return error;
}

const struct export_format export_sql = {
        .about = "SQLite and PostgreSQL: tables that several runs go into",
        .write = write_sql,
        .threads = true,
};
