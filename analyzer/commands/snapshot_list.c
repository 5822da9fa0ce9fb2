/*
 * memtrace snapshot list TRACE...: the moments that have a name, in the order of the run.
 */
#include "commands/snapshot.h"

#include "aggregate/summary_domains.h"
#include "base/array.h"
#include "base/message.h"
#include "render/moments.h"
#include "replay/mark_names.h"
#include "replay/mark_states.h"
#include "select/listing.h"
#include "select/selection.h"
#include "state/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct option_group *const groups[] = { &listing_options, &selection_domain_options, NULL };

static const struct options_about about = {
        .command = "snapshot list",
        .usage = "snapshot list [OPTIONS] TRACE...",
        .summary = "List a trace's start, peak and end, and the marks and snapshots the program set.",
        .groups = groups,
        .lacks = (const char *const[]){ "format=pstats", NULL },
};

/* The moments of one operand. */
struct found {
        struct summary domains; /* that there are, and those that this is of; of all else nothing */
        struct moments_row *rows;
        struct replay_instant *instants; /* where each is */
        size_t count, rows_capacity, instants_capacity;
        uint64_t peak_bytes;
};

static int no_memory(const char *path) {
        return message_errno(ENOMEM, path, "cannot list");
}

static int add_row(struct found *found, const char *path, const struct moments_row *row,
                   struct replay_instant instant) {
        char *name = strdup(row->name);
        size_t at = found->count;

        if (!name || array_reserve(&found->rows, &found->rows_capacity, at + 1, sizeof(*found->rows)) < 0 ||
            array_reserve(&found->instants, &found->instants_capacity, at + 1, sizeof(*found->instants)) <
                    0) {
                free(name);
                return no_memory(path);
        }
        found->rows[at] = *row;
        found->rows[at].name = name;
        found->instants[at] = instant;
        found->count++;
        if (row->live_bytes > found->peak_bytes)
                found->peak_bytes = row->live_bytes;
        return 0;
}

static int add_moment(struct found *found, struct trace *trace, struct moment moment, const char *kind) {
        const char *path = trace->reader->name;
        struct moments_row row = { .name = moment_name(&moment), .kind = kind };
        struct replay_instant instant;
        struct replay replay;
        int error = moment_replay(trace, moment, REPLAY_FROM_CHECKPOINT, &replay, &row.time_ns);

        if (error == 0) {
                row.live_bytes = replay.totals.live_bytes;
                row.live_blocks = replay.totals.live_blocks;
                replay_deinit(&replay);
                error = moment_locate(trace, &moment, &instant, &row.time_ns);
        }
        return error == 0 ? add_row(found, path, &row, instant) : state_failed(path, error);
}

static int add_marks_of(struct found *found, struct trace *trace, const struct mark_state *states,
                        char **names) {
        int error = 0;

        for (size_t i = 0; error == 0 && i < trace->mark_count; i++) {
                const struct trace_mark *mark = &trace->marks[i];
                const struct moment moment = { .kind = MOMENT_MARK, .given = true, .when = names[i] };

                error = add_row(found, trace->reader->name,
                                &(struct moments_row){ .name = moment_name(&moment),
                                                       .kind = mark->snapshot ? "snapshot" : "mark",
                                                       .time_ns = mark->time_ns,
                                                       .live_bytes = states[i].live_bytes,
                                                       .live_blocks = states[i].live_blocks },
                                (struct replay_instant){ mark->block, mark->event });
        }
        return error;
}

static int add_marks(struct found *found, struct trace *trace) {
        struct mark_state *states = calloc(trace->mark_count + 1, sizeof(*states));
        char **names = mark_names_new(trace);
        int error = !names ? -ENOMEM : !states ? no_memory(trace->reader->name) : 0;

        if (error == 0 && trace->mark_count > 0) {
                error = mark_states_read(trace, states);
                error = error == 0 ? add_marks_of(found, trace, states, names)
                                   : state_failed(trace->reader->name, error);
        }
        mark_names_free(trace, names);
        free(states);
        return error;
}

static bool is_later(const struct found *found, size_t left, size_t right) {
        const struct replay_instant *one = &found->instants[left], *other = &found->instants[right];

        if (one->block != other->block)
                return one->block > other->block;
        if (one->event != other->event)
                return one->event > other->event;
        return found->rows[left].time_ns > found->rows[right].time_ns;
}

/* The last row goes where it was among the marks, which stand in the order of the run behind the start. */
static void settle_peak(struct found *found) {
        for (size_t i = found->count - 1; i > 1 && is_later(found, i - 1, i); i--) {
                struct moments_row row = found->rows[i];
                struct replay_instant instant = found->instants[i];

                found->rows[i] = found->rows[i - 1];
                found->instants[i] = found->instants[i - 1];
                found->rows[i - 1] = row;
                found->instants[i - 1] = instant;
        }
}

static int list_trace(struct found *found, const char *path, struct domain_choice *domains) {
        struct trace *trace;
        int error = state_open_trace(path, &trace);

        if (error < 0)
                return error;
        error = domain_choice_take(domains, trace);
        if (error == 0)
                error = add_moment(found, trace, (struct moment){ .kind = MOMENT_START }, "start");
        if (error == 0)
                error = add_marks(found, trace);
        if (error == 0)
                error = add_moment(found, trace, (struct moment){ .kind = MOMENT_PEAK }, "peak");
        if (error == 0) {
                settle_peak(found);
                error = add_moment(found, trace, (struct moment){ .kind = MOMENT_END }, "end");
        }
        if (error == 0)
                error = state_failed(path, summary_domains_make(&found->domains, trace));
        trace_free(trace);
        return error;
}

static int list_snapshot(struct found *found, const char *path, struct domain_choice *domains) {
        const struct state_wish wish = { .domains = domains };
        struct state state = { 0 };
        struct moments_row row;
        int error = state_open(path, &wish, &state);

        if (error < 0)
                return error;
        row = (struct moments_row){ .name = moment_name(&state.moment),
                                    .kind = snapshot_kinds[state.moment.kind],
                                    .time_ns = state.range.to_ns,
                                    .live_bytes = state.range.more.totals.live_bytes,
                                    .live_blocks = state.range.more.totals.live_blocks };
        error = add_row(found, path, &row, (struct replay_instant){ 0 });
        if (error == 0)
                error = state_failed(path, summary_domains_make(&found->domains, state.trace));
        state_close(&state);
        return error;
}

/* What --min and --limit leave of it. */
static void narrow(struct found *found, const struct listing *listing) {
        uint64_t least_bytes = listing_least(listing, found->peak_bytes);
        size_t limit = listing->limit > 0 ? listing->limit : SIZE_MAX, kept = 0;

        for (size_t i = 0; i < found->count; i++)
                if (kept < limit && found->rows[i].live_bytes >= least_bytes)
                        found->rows[kept++] = found->rows[i];
                else
                        free((char *)found->rows[i].name);
        found->count = kept;
}

static void free_found(struct found *found) {
        for (size_t i = 0; i < found->count; i++)
                free((char *)found->rows[i].name);
        summary_deinit(&found->domains);
        free(found->rows);
        free(found->instants);
}

static int print(const struct listing *listing, const struct moments *traces, size_t count) {
        switch (listing->format) {
        case LISTING_JSON:
                return render_moments_json(traces, count, stdout);
        case LISTING_CSV:
                return render_moments_csv(traces, count, stdout);
        default:
                return render_moments_text(traces, count, stdout);
        }
}

static int list(const struct listing *listing, char **paths, size_t count, struct domain_choice *domains) {
        struct found *found = calloc(count, sizeof(*found));
        struct moments *traces = calloc(count, sizeof(*traces));
        int error = found && traces ? 0 : no_memory(paths[0]);

        for (size_t i = 0; error == 0 && i < count; i++) {
                error = snapshot_is(paths[i]) ? list_snapshot(&found[i], paths[i], domains)
                                              : list_trace(&found[i], paths[i], domains);
                narrow(&found[i], listing);
                traces[i] = (struct moments){ paths[i], &found[i].domains, found[i].rows, found[i].count };
        }
        if (error == 0)
                error = domain_choice_end(domains);
        if (error == 0)
                error = print(listing, traces, count);
        for (size_t i = 0; found && i < count; i++)
                free_found(&found[i]);
        free(found);
        free(traces);
        return error;
}

static int run(int argc, char **argv) {
        struct listing listing = { .command = "snapshot list" };
        struct domain_choice domains = { .command = "snapshot list", .several = true };
        void *const contexts[] = { &listing, &domains };
        int first, result = options_parse(&about, OPTIONS_ANYWHERE, argc, argv, contexts, &first);

        if (result == 0 && first == argc) {
                message("snapshot list: a trace is needed; see memtrace snapshot list --help");
                result = -EINVAL;
        }
        if (result == 0)
                result = list(&listing, argv + first, (size_t)(argc - first), &domains);
        domain_choice_deinit(&domains);
        return result < 0 ? COMMAND_UNUSABLE : COMMAND_OK;
}

const struct command snapshot_list = { &about, run };
