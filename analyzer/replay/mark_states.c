/*
 * See mark_states.h. Marks stand in the trace in the order of its blocks and of their events. One thread.
 */
#include "replay/mark_states.h"

#include "replay/events.h"
#include "replay/replay.h"

struct reading {
        struct replay_watch watch; /* first: the replay hands out this */
        struct mark_state *states;
        size_t next;
};

/* Marks of one instant are looked at once. */
static void look_at_next(struct reading *reading, const struct trace *trace) {
        const struct trace_mark *mark = &trace->marks[reading->next];

        if (reading->next == trace->mark_count)
                replay_watch_end(&reading->watch);
        else
                reading->watch.next = (struct replay_instant){ mark->block, mark->event };
}

static int reached(struct replay_watch *watch, struct replay *replay, struct replay_instant at,
                   struct events_run *run) {
        struct reading *reading = (struct reading *)watch;
        const struct trace *trace = replay->trace;
        const struct trace_mark *mark = &trace->marks[reading->next];
        struct mark_state state = { replay->totals.live_bytes, replay->totals.live_blocks };

        (void)at;
        if (run)
                state = (struct mark_state){ run->live_bytes, run->live_blocks };
        for (; reading->next < trace->mark_count && trace->marks[reading->next].block == mark->block &&
               trace->marks[reading->next].event == mark->event;
             reading->next++)
                reading->states[reading->next] = state;
        look_at_next(reading, trace);
        return 0;
}

int mark_states_read(struct trace *trace, struct mark_state *states) {
        struct reading reading = { { .next_units = UINT64_MAX, .reached = reached }, states, 0 };
        struct replay replay;
        int error = replay_init(&replay, trace);

        if (error != 0)
                return error;
        look_at_next(&reading, trace);
        replay.watch = &reading.watch;
        error = replay_to(&replay, replay_end(trace), REPLAY_FROM_BEGINNING);
        replay_deinit(&replay);
        return error;
}
