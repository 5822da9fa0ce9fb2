/*
 * See bands.h. The run is replayed twice, with a look at each column's highest: once for what each place
 * holds at most, once for what those that hold most hold in each column; so memory is bounded by places and
 * columns, and not by their product. One thread.
 */
#include "select/bands.h"

#include "aggregate/aggregate.h"
#include "base/array.h"
#include "base/message.h"
#include "base/saturate.h"
#include "base/text.h"
#include "state/state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NO_NODE UINT32_MAX

struct making {
        struct replay_watch watch; /* first: the replay hands out this */
        const struct chart *chart;
        uint32_t *node_of; /* by site */
        size_t node_count;
        uint64_t *held_bytes, *most_bytes; /* by node: at the instant; at most so far */
        struct band **band_of;             /* by node; NULL: none, or that is asked for later */
        struct bands *bands;
        size_t column;
        bool picked; /* the second time */
};

static int note_site(void *context, uint32_t node, uint32_t site) {
        struct making *making = context;

        making->node_of[site] = node;
        if (node >= making->node_count)
                making->node_count = (size_t)node + 1;
        return 0;
}

static void look_at_next(struct making *making) {
        const struct curve *curve = &making->chart->curve;

        if (making->column == curve->count)
                replay_watch_end(&making->watch);
        else
                making->watch.next = curve->columns[making->column].high_at;
}

/* What is left of the column's highest for the last band. */
static void fill_column(struct making *making) {
        const struct curve_column *column = &making->chart->curve.columns[making->column];
        struct band *rest = &making->bands->items[making->bands->count - 1];
        uint64_t left = column->high_bytes;

        for (size_t i = 0; i < making->node_count; i++) {
                if (!making->band_of[i])
                        continue;
                making->band_of[i]->bytes[making->column] = making->held_bytes[i];
                left -= making->held_bytes[i] < left ? making->held_bytes[i] : left;
        }
        rest->bytes[making->column] = left;
        if (left > rest->most_bytes)
                rest->most_bytes = left;
}

static int reached(struct replay_watch *watch, struct replay *replay, struct replay_instant at,
                   struct events_run *run) {
        struct making *making = (struct making *)watch;

        (void)at;
        (void)run;
        memset(making->held_bytes, 0, making->node_count * sizeof(*making->held_bytes));
        for (size_t i = 0; i < replay->site_count; i++)
                if (making->node_of[i] != NO_NODE && replay->sites[i].live_blocks > 0) {
                        uint64_t *held = &making->held_bytes[making->node_of[i]];

                        *held = saturate_add(*held, saturate_times(replay->sites[i].live_blocks,
                                                                   replay->sites[i].size_bytes));
                }
        for (size_t i = 0; !making->picked && i < making->node_count; i++)
                if (making->held_bytes[i] > making->most_bytes[i])
                        making->most_bytes[i] = making->held_bytes[i];
        if (making->picked)
                fill_column(making);
        making->column++;
        look_at_next(making);
        return 0;
}

static int replay_columns(struct making *making) {
        struct trace *trace = making->chart->trace;
        struct replay replay;
        int error = replay_init(&replay, trace);

        if (error != 0)
                return error;
        making->watch = (struct replay_watch){ .next_units = UINT64_MAX, .reached = reached };
        making->column = 0;
        look_at_next(making);
        replay.watch = &making->watch;
        error = replay_to(&replay, replay_end(trace), REPLAY_FROM_BEGINNING);
        replay_deinit(&replay);
        return state_failed(making->chart->label, error);
}

static int by_most(const void *left, const void *right, void *context) {
        const struct making *making = context;
        uint32_t one = *(const uint32_t *)left, other = *(const uint32_t *)right;

        if (making->most_bytes[one] != making->most_bytes[other])
                return making->most_bytes[one] < making->most_bytes[other] ? 1 : -1;
        return one < other ? -1 : one > other;
}

static char *name_of(const struct aggregate *aggregate, uint32_t node) {
        char *name;

        for (size_t i = 0; i < aggregate->count; i++) {
                const struct aggregate_entry *entry = &aggregate->entries[i];

                if (entry->node != node)
                        continue;
                if (aggregate->wish.by != AGGREGATE_SIZE)
                        return aggregate_place(aggregate, entry);
                return asprintf(&name, "%s to %s", text_size((double)entry->least_bytes, false).text,
                                text_size((double)entry->end_bytes, false).text) < 0
                               ? NULL
                               : name;
        }
        return strdup("<unknown>:0");
}

/* The first `count` nodes of `order`, and one for the rest. */
static int pick(struct making *making, const struct aggregate *aggregate, const uint32_t *order,
                size_t count) {
        struct bands *bands = making->bands;
        size_t columns = making->chart->curve.count;

        bands->items = calloc(count + 1, sizeof(*bands->items));
        if (!bands->items)
                return -ENOMEM;
        bands->count = count + 1;
        for (size_t i = 0; i <= count; i++) {
                struct band *band = &bands->items[i];

                band->bytes = calloc(columns, sizeof(*band->bytes));
                band->name = i < count ? name_of(aggregate, order[i]) : strdup("everything else");
                if (!band->bytes || !band->name)
                        return -ENOMEM;
                if (i == count)
                        break;
                band->most_bytes = making->most_bytes[order[i]];
                making->band_of[order[i]] = band;
        }
        making->picked = true;
        return 0;
}

static int pick_largest(struct making *making, const struct aggregate *aggregate, size_t wanted) {
        uint32_t *order = calloc(making->node_count + 1, sizeof(*order));
        size_t count = 0;
        int error;

        if (!order)
                return message_errno(ENOMEM, making->chart->label, "cannot stack");
        for (size_t i = 0; i < making->node_count; i++)
                if (making->most_bytes[i] > 0)
                        order[count++] = (uint32_t)i;
        qsort_r(order, count, sizeof(*order), by_most, making);
        error = pick(making, aggregate, order, count < wanted ? count : wanted);
        free(order);
        return error < 0 ? message_errno(-error, making->chart->label, "cannot stack") : 0;
}

static int reserve(struct making *making) {
        making->held_bytes = calloc(making->node_count + 1, sizeof(*making->held_bytes));
        making->most_bytes = calloc(making->node_count + 1, sizeof(*making->most_bytes));
        making->band_of = calloc(making->node_count + 1, sizeof(*making->band_of));
        return making->held_bytes && making->most_bytes && making->band_of
                       ? 0
                       : message_errno(ENOMEM, making->chart->label, "cannot stack");
}

/* The place of each site that was ever used, as the user groups and selects them. */
static int find_places(struct making *making, const struct grouping *grouping, struct selection *selection,
                       struct charge *charge, struct aggregate *aggregate) {
        struct trace *trace = making->chart->trace;
        const struct aggregate_also also = { note_site, making };
        const struct aggregate_wish wish = {
                .cost = AGGREGATE_COUNT, .by = grouping->by, .filter = &selection->filter, .also = &also
        };
        size_t sites = trace_site_count(trace);
        struct replay replay;
        int error;

        making->node_of = malloc((sites + 1) * sizeof(*making->node_of));
        if (!making->node_of)
                return message_errno(ENOMEM, making->chart->label, "cannot stack");
        memset(making->node_of, 0xff, (sites + 1) * sizeof(*making->node_of));
        error = replay_init(&replay, trace);
        if (error == 0)
                error = replay_to(&replay, replay_end(trace), REPLAY_FROM_BEGINNING);
        error = state_failed(making->chart->label, error);
        if (error == 0)
                error = aggregate_make(&replay, charge, &wish, aggregate);
        replay_deinit(&replay);
        return error;
}

static int make(struct making *making, const struct grouping *grouping, struct selection *selection,
                struct charge *charge, size_t wanted) {
        struct aggregate aggregate = { 0 };
        int error = find_places(making, grouping, selection, charge, &aggregate);

        if (error < 0)
                return error;
        error = reserve(making);
        if (error == 0)
                error = replay_columns(making);
        if (error == 0)
                error = pick_largest(making, &aggregate, wanted);
        if (error == 0)
                error = replay_columns(making);
        aggregate_deinit(&aggregate);
        return error;
}

int bands_make(const struct chart *chart, const struct grouping *grouping, struct selection *selection,
               size_t wanted, struct bands *bands) {
        struct making making = { .chart = chart, .bands = bands };
        struct symbols *symbols = symbols_new(chart->trace);
        struct charge *charge =
                symbols ? charge_new(chart->trace, symbols, selection->frame, &selection->skips) : NULL;
        int error;

        *bands = (struct bands){ 0 };
        error = charge ? make(&making, grouping, selection, charge, wanted) : -ENOMEM;
        free(making.node_of);
        free(making.held_bytes);
        free(making.most_bytes);
        free(making.band_of);
        charge_free(charge);
        symbols_free(symbols);
        if (error < 0)
                bands_deinit(bands);
        return error;
}

void bands_deinit(struct bands *bands) {
        for (size_t i = 0; i < bands->count; i++) {
                free(bands->items[i].bytes);
                free(bands->items[i].name);
        }
        free(bands->items);
        *bands = (struct bands){ 0 };
}
