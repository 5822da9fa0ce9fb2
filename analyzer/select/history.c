/*
 * See history.h. One thread.
 */
#include "select/history.h"

#include "base/array.h"
#include "base/message.h"
#include "base/saturate.h"
#include "replay/by_thread.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A state costs a look at each site. */
#define LOOKS_MAX (UINT64_C(1) << 25)
#define SLICES_LEAST 16u

/* About what a row, a node and a place take beside what else is counted. */
#define ROW_BYTES 12u
#define NODE_BYTES 5u
#define PLACE_BYTES 9u
#define BASE64(bytes) ((bytes)*4 / 3)

static int failed(const struct state *state, int error) {
        return state_failed(state->trace->reader->name, error);
}

/* What the blocks come to in all, by the state's own replay. */
static int add_totals(struct history *history, const struct state *state) {
        const struct replay *replay = &state->range.more;
        const struct by_thread *by_thread = replay->by_thread;
        int error = 0;

        for (uint32_t i = 0; error == 0 && !by_thread && i < replay->site_count; i++)
                error = timeline_total(&history->timeline, i, BY_THREAD_UNKNOWN, &replay->sites[i]);
        for (size_t i = 0; error == 0 && by_thread && i < by_thread->count; i++)
                error = timeline_total(&history->timeline, by_thread->pairs[i].site,
                                       by_thread->pairs[i].thread, &by_thread->pairs[i].counts);
        return error == 0 ? timeline_end(&history->timeline) : error;
}

/* The one state that there is. */
static int add_moment(struct history *history, const struct state *state) {
        const struct replay *replay = &state->range.more;
        const struct by_thread *by_thread = replay->by_thread;
        int error = 0;

        history->stop_count = 1;
        for (uint32_t i = 0; error == 0 && !by_thread && i < replay->site_count; i++)
                error = timeline_take(&history->timeline, 0, i, BY_THREAD_UNKNOWN,
                                      (int64_t)replay->sites[i].live_blocks);
        for (size_t i = 0; error == 0 && by_thread && i < by_thread->count; i++)
                error = timeline_take(&history->timeline, 0, by_thread->pairs[i].site,
                                      by_thread->pairs[i].thread,
                                      (int64_t)by_thread->pairs[i].counts.live_blocks);
        return error;
}

static int add_slices(struct history *history, const struct state *state, size_t count) {
        const struct slices_taker taker = { timeline_take, &history->timeline };
        int error = failed(state, slices_find(state->trace, count, &history->slices));

        if (error < 0)
                return error;
        history->stop_count = 2 * history->slices.count;
        return failed(state, slices_tell(state->trace, &history->slices, history->has_threads, &taker));
}

static uint64_t changes_bytes(const struct timeline *timeline) {
        uint64_t sum = 0;

        for (size_t i = 0; i < timeline->row_count; i++)
                sum += timeline->rows[i].changes.length;
        return sum;
}

static int tell(struct history *history, struct state *state, struct selection *selection, bool moment,
                size_t count) {
        int error = timeline_init(&history->timeline, state->trace, history->charge, &selection->filter,
                                  history->threads);

        if (error == 0)
                error = moment ? add_moment(history, state) : add_slices(history, state, count);
        return error == 0 ? add_totals(history, state) : error;
}

/* With as many slices as there is room for. */
static int tell_within(struct history *history, struct state *state, struct selection *selection,
                       bool moment) {
        size_t sites = state->range.more.site_count, count = SLICES_MAX;
        uint64_t bytes = 0;
        int error = 0;

        if (sites > 0 && count > LOOKS_MAX / 2 / sites)
                count = LOOKS_MAX / 2 / sites;
        for (bool again = true; error == 0 && again;) {
                count = count < SLICES_LEAST ? SLICES_LEAST : count;
                slices_deinit(&history->slices);
                timeline_deinit(&history->timeline);
                error = tell(history, state, selection, moment, count);
                if (history->slices.count > history->most_slices)
                        history->most_slices = history->slices.count;
                bytes = changes_bytes(&history->timeline);
                again = !moment && bytes > HISTORY_CHANGES_ROOM_BYTES && count > SLICES_LEAST;
                if (count > history->slices.count)
                        count = history->slices.count;
                count = again ? (size_t)((uint64_t)count * HISTORY_CHANGES_ROOM_BYTES * 9 / 10 / bytes)
                              : count;
        }
        return error;
}

/* What is to be kept: by row, and what of the nodes, their places and the places' texts is counted. */
struct fitting {
        const struct timeline *timeline;
        double *scores;
        uint32_t *order;
        bool *keep, *nodes;
        struct map places, texts;
        uint64_t bytes;
};

static double share(uint64_t part, uint64_t whole) {
        return whole > 0 ? (double)part / (double)whole : 0;
}

static int order_by_score(const void *left_pointer, const void *right_pointer, void *context) {
        const double *scores = context;
        uint32_t left = *(const uint32_t *)left_pointer, right = *(const uint32_t *)right_pointer;

        if (scores[left] != scores[right])
                return scores[left] > scores[right] ? -1 : 1;
        return left < right ? -1 : left > right;
}

/* As JSON has it, where nothing may look like markup. */
static size_t text_bytes(const char *text) {
        size_t bytes = strlen("\"\",");

        for (; *text; text++)
                bytes += (unsigned char)*text < 0x20 || *text == '<' ? 6
                         : (unsigned char)*text >= 0x7f              ? 5
                         : *text == '"' || *text == '\\'             ? 2
                                                                     : 1;
        return bytes;
}

static int count_text(struct fitting *fitting, const char *text) {
        uint32_t *known = text ? map_value(&fitting->texts, (uint64_t)(uintptr_t)text, 0) : NULL;

        if (!text)
                return 0;
        if (!known)
                return -ENOMEM;
        fitting->bytes += *known ? 0 : text_bytes(text);
        *known = 1;
        return 0;
}

static int count_path(struct fitting *fitting, uint32_t node) {
        for (; node != AGGREGATE_NO_NODE && !fitting->nodes[node];
             node = fitting->timeline->keys.nodes[node].parent) {
                const struct symbol_frame *frame = fitting->timeline->keys.nodes[node].frame;
                uint32_t *known = map_value(&fitting->places, (uint64_t)(uintptr_t)frame, 0);

                fitting->nodes[node] = true;
                fitting->bytes += BASE64(NODE_BYTES);
                if (!known)
                        return -ENOMEM;
                if (*known)
                        continue;
                *known = 1;
                fitting->bytes += BASE64(PLACE_BYTES);
                if (count_text(fitting, frame->file) < 0 || count_text(fitting, frame->function) < 0 ||
                    count_text(fitting, frame->module) < 0)
                        return -ENOMEM;
        }
        return 0;
}

/* The largest first, as long as there is room. Whether all are kept, or -ENOMEM. */
static int fit(struct fitting *fitting) {
        const struct timeline *timeline = fitting->timeline;
        uint64_t high_bytes = 0, allocations = 0;

        for (size_t i = 0; i < timeline->row_count; i++) {
                allocations = saturate_add(allocations, timeline->rows[i].allocations);
                if (timeline->rows[i].high_bytes > high_bytes)
                        high_bytes = timeline->rows[i].high_bytes;
        }
        for (uint32_t i = 0; i < timeline->row_count; i++) {
                double held = share(timeline->rows[i].high_bytes, high_bytes);
                double made = share(timeline->rows[i].allocations, allocations);

                fitting->order[i] = i;
                fitting->scores[i] = held > made ? held : made;
        }
        qsort_r(fitting->order, timeline->row_count, sizeof(*fitting->order), order_by_score,
                fitting->scores);
        for (size_t i = 0; i < timeline->row_count; i++) {
                const struct timeline_row *row = &timeline->rows[fitting->order[i]];

                fitting->bytes += BASE64(ROW_BYTES + row->changes.length);
                if (count_path(fitting, row->node) < 0)
                        return -ENOMEM;
                if (fitting->bytes > HISTORY_ROOM_BYTES)
                        return false;
                fitting->keep[fitting->order[i]] = true;
        }
        return true;
}

static int fold(struct history *history, const struct state *state) {
        struct timeline *timeline = &history->timeline;
        struct fitting fitting = {
                .timeline = timeline,
                .scores = calloc(timeline->row_count + 1, sizeof(*fitting.scores)),
                .order = calloc(timeline->row_count + 1, sizeof(*fitting.order)),
                .keep = calloc(timeline->row_count + 1, sizeof(*fitting.keep)),
                .nodes = calloc(timeline->keys.node_count + 1, sizeof(*fitting.nodes)),
        };
        int error = -ENOMEM;

        if (fitting.scores && fitting.order && fitting.keep && fitting.nodes)
                error = fit(&fitting);
        if (error < 0)
                error = message_errno(ENOMEM, state->trace->reader->name, "cannot fold its stacks");
        else if (error == false)
                error = timeline_fold(timeline, fitting.keep, history->stop_count);
        else
                error = 0;
        free(fitting.scores);
        free(fitting.order);
        free(fitting.keep);
        free(fitting.nodes);
        map_deinit(&fitting.places);
        map_deinit(&fitting.texts);
        return error;
}

/* How long blocks lived is told of whole runs, and of all threads together. */
static int add_lifespans(struct history *history, const struct state *state, struct selection *selection) {
        const struct aggregate_wish wish = { .by = AGGREGATE_LINE, .filter = &selection->filter };
        int error = failed(state, lifetimes_read(state->trace, &history->lifetimes));

        if (error == 0)
                error = lifespans_make(&state->range.more, &history->lifetimes, history->charge, &wish,
                                       LIFESPANS_BY_FREES, &history->lifespans);
        history->has_lifespans = error == 0;
        return error;
}

int history_make(struct state *state, struct selection *selection, bool moment, struct history *history) {
        int error = 0;

        *history = (struct history){ .has_threads = state->range.more.by_thread };
        history->charge = charge_new(state->trace, state->symbols, selection->frame, &selection->skips);
        if (!history->charge)
                error = -ENOMEM;
        if (error == 0)
                error = filter_threads(&selection->filter, state->trace, &history->threads);
        if (error == 0)
                error = tell_within(history, state, selection, moment);
        if (error == 0)
                error = fold(history, state);
        if (error == 0 && !moment && !history->threads && state->trace->facts.tells_owners)
                error = add_lifespans(history, state, selection);
        if (error < 0)
                history_deinit(history);
        return error;
}

void history_deinit(struct history *history) {
        lifespans_deinit(&history->lifespans);
        lifetimes_deinit(&history->lifetimes);
        timeline_deinit(&history->timeline);
        slices_deinit(&history->slices);
        free(history->threads);
        charge_free(history->charge);
        *history = (struct history){ 0 };
}
