/*
 * memtrace lifetimes TRACE: how long blocks lived, by place, and who freed them.
 */
#include "commands/command.h"

#include "base/message.h"
#include "render/ages.h"
#include "select/grouping.h"
#include "select/listing.h"
#include "select/selection.h"
#include "select/tally.h"
#include "state/state.h"

#include <errno.h>

enum index { BY, CUMULATIVE, SORT };

static const struct option_spec specs[] = {
        [BY] = { "by", 'b', "KEY", "what to add up by:", aggregate_by_names },
        [CUMULATIVE] = { "cumulative", 0, NULL, "charge every frame of a stack, each once", NULL },
        [SORT] = { "sort", 0, "ORDER", "what stands first:", lifespans_sort_names },
        { 0 },
};

struct own {
        struct grouping grouping; /* --by and --cumulative of it */
        enum lifespans_sort sort;
        bool sort_given;
};

static int take_option(void *context, size_t index, const char *value) {
        struct own *own = context;
        int choice = specs[index].choices ? options_choose("lifetimes", &specs[index], value) : 0;

        if (choice < 0)
                return choice;
        if (index == BY) {
                own->grouping.by = (enum aggregate_by)choice;
        } else if (index == CUMULATIVE) {
                own->grouping.cumulative = true;
        } else {
                own->sort = (enum lifespans_sort)choice;
                own->sort_given = true;
        }
        return 0;
}

static const struct option_group own_options = { specs, take_option };
static const struct option_group *const groups[] = { &own_options, &listing_options, &selection_options,
                                                     NULL };

static const struct options_about about = {
        .command = "lifetimes",
        .usage = "lifetimes [OPTIONS] TRACE",
        .summary = "Show how long blocks lived, by place, and how many another thread freed.",
        .groups = groups,
        .lacks = (const char *const[]){ "thread", "by=thread", "format=pstats", NULL },
};

struct asked {
        struct own own;
        struct listing listing;
        struct selection selection;
};

static int settle(struct asked *asked) {
        int error = grouping_settle(&asked->own.grouping);

        if (error == 0)
                error = selection_settle(&asked->selection);
        if (error == 0 && (asked->own.grouping.by == AGGREGATE_THREAD ||
                           asked->selection.filter.counts[FILTER_THREAD] > 0)) {
                message("lifetimes: a trace does not tell them by thread");
                error = -EINVAL;
        }
        if (asked->own.grouping.by == AGGREGATE_SIZE && !asked->own.sort_given)
                asked->own.sort = LIFESPANS_BY_PLACE;
        listing_settle(&asked->listing, asked->own.grouping.by);
        return error;
}

static int render(const struct ages *ages, enum listing_format format) {
        switch (format) {
        case LISTING_JSON:
                return ages_json(ages, stdout);
        case LISTING_CSV:
                return ages_csv(ages, stdout);
        default:
                return ages_text(ages, stdout);
        }
}

static int show(struct asked *asked, struct state *state, struct charge *charge) {
        const struct aggregate_wish wish = {
                .by = asked->own.grouping.by,
                .cumulative = asked->own.grouping.cumulative,
                .filter = &asked->selection.filter,
        };
        struct report report = {
                .trace_name = state->trace->reader->name,
                .summary = &state->summary,
                .moment = &state->moment,
                .time_ns = state->range.to_ns,
                .limit = listing_limit(&asked->listing),
                .frame_limit = SIZE_MAX,
        };
        struct lifespans lifespans;
        int error = lifespans_make(&state->range.more, &state->lifetimes, charge, &wish, asked->own.sort,
                                   &lifespans);

        if (error < 0)
                return error;
        selection_tell_unmatched(&asked->selection);
        report.aggregate = &lifespans.aggregate;
        report.least_bytes = listing_least(&asked->listing, lifespans.aggregate.size_bytes);
        error = render(&(struct ages){ &report, &lifespans }, asked->listing.format);
        lifespans_deinit(&lifespans);
        return error;
}

static int open_and_show(struct asked *asked, const char *operand) {
        const struct state_wish wish = {
                .fallback = MOMENT_END,
                .totals = true,
                .lives = true,
                .domains = tally_domains(&asked->own.grouping, &asked->selection),
        };
        struct charge *charge;
        struct state state;
        int error = state_open(operand, &wish, &state);

        if (error < 0)
                return error;
        charge = charge_new(state.trace, state.symbols, asked->selection.frame, &asked->selection.skips);
        error = charge ? show(asked, &state, charge) : -ENOMEM;
        charge_free(charge);
        state_close(&state);
        return error;
}

static int run(int argc, char **argv) {
        struct asked asked = { .own.grouping.command = "lifetimes",
                               .listing.command = "lifetimes",
                               .selection.command = "lifetimes" };
        void *const contexts[] = { &asked.own, &asked.listing, &asked.selection };
        int first, result = options_parse(&about, OPTIONS_ANYWHERE, argc, argv, contexts, &first);

        if (result == 0 && argc - first != 1) {
                message("lifetimes: one trace is needed; see memtrace lifetimes --help");
                result = -EINVAL;
        }
        if (result == 0)
                result = settle(&asked);
        if (result == 0)
                result = open_and_show(&asked, argv[first]);
        selection_deinit(&asked.selection);
        return result < 0 ? COMMAND_UNUSABLE : COMMAND_OK;
}

const struct command command_lifetimes = { &about, run };
