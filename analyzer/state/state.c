/*
 * See state.h. One thread.
 */
#include "state/state.h"

#include "base/message.h"
#include "state/snapshot.h"

#include <errno.h>
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

static int reach(const struct state_wish *wish, struct state *state) {
        const struct moment *from = state->from.given ? &state->from : NULL;
        int error = range_replay(state->trace, from, &state->moment,
                                 wish->totals ? REPLAY_FROM_BEGINNING : REPLAY_FROM_CHECKPOINT, NULL,
                                 &state->range);

        if (error != 0)
                return error;
        /* after the replay, which may have found damage that the summary has to tell of */
        error = summary_make(state->trace, &state->summary);
        if (error != 0)
                return error;
        state->symbols = symbols_new(state->trace);
        return state->symbols ? 0 : -ENOMEM;
}

static int open_snapshot(const char *path, const struct state_wish *wish, struct state *state) {
        if (state->moment.given || wish->from || wish->to) {
                message("%s: a saved snapshot is one moment: neither --from, --to nor @WHEN goes with it",
                        path);
                return -EINVAL;
        }
        return snapshot_open(path, state);
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

void state_close(struct state *state) {
        symbols_free(state->symbols);
        summary_deinit(&state->summary);
        range_deinit(&state->range);
        trace_free(state->trace);
        free(state->when);
        *state = (struct state){ 0 };
}
