/*
 * memtrace report TRACE[@MOMENT]: the summary and the largest places.
 */
#include "commands/command.h"

#include "base/message.h"
#include "render/pstats.h"
#include "select/places.h"

#include <errno.h>

enum index { PRETTY, FROM, TO };

static const struct option_spec specs[] = {
        [PRETTY] = { "pretty", 'p', NULL, "tracemalloc's top list, with the source lines", NULL },
        [FROM] = { "from", 0, "WHEN", "only what happened after this moment, up to --to", NULL },
        [TO] = { "to", 0, "WHEN", "the same as TRACE@WHEN; the end where only --from is given", NULL },
        { 0 },
};

struct asked {
        struct places places;
        struct moment from, to;
};

static int take_option(void *context, size_t index, const char *value) {
        struct asked *asked = context;

        switch ((enum index)index) {
        case PRETTY:
                asked->places.pretty = true;
                return 0;
        case FROM:
                return moment_read(value, &asked->from);
        case TO:
                return moment_read(value, &asked->to);
        }
        return -EINVAL;
}

static const struct option_group own_options = { specs, take_option };
static const struct option_group *const groups[] = { PLACES_GROUPS, &own_options, NULL };

static const struct options_about about = {
        .command = "report",
        .usage = "report [OPTIONS] TRACE[@WHEN]",
        .summary = "Show which places hold a program's memory, at its peak or another moment.",
        .groups = groups,
};

static struct report report_of(struct asked *asked, const struct state *state, const struct tally *tally) {
        return (struct report){
                .trace_name = state->trace->reader->name,
                .summary = &state->summary,
                .aggregate = &tally->aggregate,
                .moment = &state->moment,
                .time_ns = state->range.to_ns,
                .from = state->from.given ? &state->from : NULL,
                .from_ns = state->range.from_ns,
                .less = tally->net ? &tally->less : NULL,
                .limit = listing_limit(&asked->places.listing),
                .frame_limit = framing_limit(&asked->places.framing),
                .most_recent_first = asked->places.framing.most_recent_first,
                .sources = &asked->places.sources,
                .least_bytes = listing_least(&asked->places.listing, tally->aggregate.size_bytes),
        };
}

static int render(const struct asked *asked, const struct report *report) {
        switch (asked->places.listing.format) {
        case LISTING_JSON:
                return render_report_json(report, stdout);
        case LISTING_CSV:
                return render_report_csv(report, stdout);
        default:
                return asked->places.pretty ? render_report_pretty(report, stdout)
                                            : render_report_text(report, stdout);
        }
}

static int make_table(struct asked *asked, struct state *state) {
        struct report report;
        struct tally tally;
        int error = tally_make(state, &asked->places.grouping, &asked->places.selection, &tally);

        if (error < 0)
                return error;
        selection_tell_unmatched(&asked->places.selection);
        report = report_of(asked, state, &tally);
        error = render(asked, &report);
        tally_deinit(&tally);
        return error;
}

static int make_pstats(struct asked *asked, struct state *state) {
        struct filter all = { 0 };
        struct report report;
        struct calls calls;
        int error = calls_make(state, &asked->places.grouping, &asked->places.selection,
                               &asked->places.listing, &all, &calls);

        if (error < 0)
                return error;
        selection_tell_unmatched(&asked->places.selection);
        report = report_of(asked, state, &calls.tally);
        error = pstats_text(&(struct pstats){ &report, &calls, PSTATS_FUNCTIONS }, stdout);
        calls_deinit(&calls);
        return error;
}

static int make_report(struct asked *asked, const char *operand) {
        struct state_wish wish = {
                .from = asked->from.given ? &asked->from : NULL,
                .to = asked->to.given ? &asked->to : NULL,
                .fallback = grouping_moment(&asked->places.grouping, asked->from.given),
        };
        struct state state;
        int error = tally_open(operand, &asked->places.grouping, &asked->places.selection, &wish, &state);

        if (error < 0)
                return error;
        error = asked->places.listing.format == LISTING_PSTATS ? make_pstats(asked, &state)
                                                               : make_table(asked, &state);
        state_close(&state);
        return error;
}

static int run(int argc, char **argv) {
        struct asked asked = { 0 };
        void *const contexts[] = { PLACES_CONTEXTS(&asked.places), &asked };
        int first, result;

        places_init(&asked.places, "report");
        asked.places.listing.has_pstats = asked.places.has_pretty = true;
        result = options_parse(&about, OPTIONS_ANYWHERE, argc, argv, contexts, &first);
        if (result == 0 && argc - first != 1) {
                message("report: one trace is needed; see memtrace report --help");
                result = -EINVAL;
        }
        if (result == 0)
                result = places_settle(&asked.places);
        if (result == 0)
                result = make_report(&asked, argv[first]);
        places_deinit(&asked.places);
        return result < 0 ? COMMAND_UNUSABLE : COMMAND_OK;
}

const struct command command_report = { &about, run };
