/*
 * See state.h. One thread.
 */
#include "state/state.h"

#include "base/message.h"
#include "replay/by_thread.h"
#include "replay/lifetimes.h"
#include "state/snapshot.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

int state_failed(const char *path, int error) {
        if (error <= 0)
                return error;
        message("%s: %s", path, reader_error_text(error));
        return -EIO;
}

int state_open_trace(const char *path, struct trace **trace) {
        int error = state_failed(path, trace_open(path, trace));

        if (error == 0 && (*trace)->reader->running)
                message("%s: process %u is still running; this is what it did so far", path,
                        (*trace)->reader->header.pid);
        return error;
}

/* Which thread allocated what is freed, and how long it had lived. 0, or -EINVAL, reported. */
static int tells_lives(const struct trace *trace) {
        if (trace->facts.tells_owners)
                return 0;
        if (trace->facts.has_process && trace->facts.process.flags & MTR_PROCESS_IMPORTED)
                message("%s: imported from a file of %s, it does not tell which thread allocated a freed "
                        "block, "
                        "or when",
                        trace->reader->name, trace->facts.tracer_version);
        else
                message(trace->facts.has_process
                                ? "%s: made by an older memtrace, it does not tell which thread "
                                  "allocated a freed block, or when"
                                : "%s: its first block is lost, and with it which thread allocated "
                                  "a freed block, and when",
                        trace->reader->name);
        return -EINVAL;
}

/* What the threads' counts may lack. */
static void tell_unsure(const struct trace *trace, const struct by_thread *by_thread) {
        if (trace->reader->damage_count > 0)
                message("%s: damaged, so what each thread holds is not exact; what nobody can tell is "
                        "<unknown>",
                        trace->reader->name);
        else if (by_thread->unsure > 0)
                message("%s: of %" PRIu64 " blocks it is not known which thread allocated them",
                        trace->reader->name, by_thread->unsure);
}

static bool wants_threads(const struct state_wish *wish) {
        return wish->by_thread || (wish->filter && wish->filter->counts[FILTER_THREAD] > 0);
}

/* `known`: the state has it already, as a saved snapshot does. */
static int reach_threads(const struct state_wish *wish, const struct moment *from, bool known,
                         struct state *state) {
        bool *taken = NULL;
        int error = tells_lives(state->trace);

        if (error == 0 && wish->filter)
                error = filter_threads(wish->filter, state->trace, &taken);
        if (error == 0 && !known)
                error = range_replay(state->trace, from, &state->moment, REPLAY_BY_THREAD, taken,
                                     &state->range);
        else if (error == 0 && taken)
                by_thread_select(&state->range.more, taken);
        if (error == 0)
                tell_unsure(state->trace, state->range.more.by_thread);
        free(taken);
        return error;
}

/* Lives are told neither by moment nor by thread. */
static int add_lives(const struct state_wish *wish, struct state *state) {
        int error = tells_lives(state->trace);

        if (error < 0)
                return error;
        if (state->from.given || state->moment.kind != MOMENT_END || state->range.more.by_thread) {
                message("%s: how long blocks lived is known of the whole run alone, not %s",
                        state->trace->reader->name,
                        state->range.more.by_thread ? "by thread" : "of a part of it");
                return -EINVAL;
        }
        if (wish->within > 0)
                error = lifetimes_widen_temporary(&state->range.more, wish->within);
        return error == 0 && wish->lives ? lifetimes_read(state->trace, &state->lifetimes) : error;
}

static int replay(const struct state_wish *wish, struct state *state) {
        const struct moment *from = state->from.given ? &state->from : NULL;
        enum replay_from way = wish->all      ? REPLAY_WITH_ALL
                               : wish->highs  ? REPLAY_WITH_HIGHS
                               : wish->totals ? REPLAY_FROM_BEGINNING
                                              : REPLAY_FROM_CHECKPOINT;
        int error = wants_threads(wish)
                            ? reach_threads(wish, from, false, state)
                            : range_replay(state->trace, from, &state->moment, way, NULL, &state->range);

        if (error == 0 && (wish->within > 0 || wish->lives))
                error = add_lives(wish, state);
        return error;
}

static int reach(const struct state_wish *wish, struct state *state) {
        int error = replay(wish, state);

        if (error != 0)
                return error;
        /* after the replay, which may have found damage that the summary has to tell of */
        error = summary_make(state->trace, &state->summary);
        if (error != 0)
                return error;
        state->symbols = symbols_new(state->trace);
        return state->symbols ? 0 : -ENOMEM;
}

static int refuse_moment(const char *snapshot) {
        message("%s: a saved snapshot is one moment: neither --from, --to nor @WHEN goes with it", snapshot);
        return -EINVAL;
}

static int open_snapshot(const char *path, const struct state_wish *wish, struct state *state) {
        int error;

        if (state->moment.given || wish->from || wish->to)
                return refuse_moment(path);
        if (wish->within > 0 || wish->lives) {
                message("%s: how long blocks lived is known of a whole run alone, not of a saved snapshot",
                        path);
                return -EINVAL;
        }
        if (wish->domains && wish->domains->count > 0) {
                message("%s: a saved snapshot is of the domains that it was saved of: --domain does not go "
                        "with it",
                        path);
                return -EINVAL;
        }
        error = snapshot_open(path, state);
        return error == 0 && wants_threads(wish) ? reach_threads(wish, NULL, true, state) : error;
}

/* TRACE and the moment that state->moment has so far. */
static int open_moment(const char *operand, const char *path, const struct state_wish *wish,
                       struct state *state) {
        int error = 0;

        if (wish->to && state->moment.given) {
                message("%s: --to and TRACE@WHEN are the same; give one of them", operand);
                error = -EINVAL;
        }
        if (wish->to)
                state->moment = *wish->to;
        if (wish->from)
                state->from = *wish->from;
        if (error == 0)
                error = state_open_trace(path, &state->trace);
        if (error == 0)
                error = domain_choice_take(wish->domains, state->trace);
        return error == 0 ? state_failed(path, reach(wish, state)) : error;
}

int state_open(const char *operand, const struct state_wish *wish, struct state *state) {
        char *path;
        int error;

        *state = (struct state){ 0 };
        error = moment_parse(operand, wish->fallback, &path, &state->moment);
        if (error < 0)
                return error;
        error = snapshot_is(path) ? open_snapshot(path, wish, state)
                                  : open_moment(operand, path, wish, state);
        free(path);
        if (error != 0)
                state_close(state);
        return error;
}

int state_move(const struct moment *moment, const struct state_wish *wish, struct state *state) {
        int error;

        if (state->when)
                return moment->given ? refuse_moment(state->trace->reader->name) : 0;
        range_deinit(&state->range);
        state->moment = *moment;
        error = state_failed(state->trace->reader->name, replay(wish, state));
        state->summary.damage_count = state->trace->reader->damage_count;
        return error;
}

void state_close(struct state *state) {
        symbols_free(state->symbols);
        summary_deinit(&state->summary);
        lifetimes_deinit(&state->lifetimes);
        range_deinit(&state->range);
        trace_free(state->trace);
        free(state->when);
        *state = (struct state){ 0 };
}
