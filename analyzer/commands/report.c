/*
 * memtrace report TRACE[@MOMENT]: the summary and the largest places. What cannot go together is refused, so
 * that no option is ever without effect.
 */
#include "commands/command.h"

#include "base/message.h"
#include "render/pstats.h"
#include "select/framing.h"
#include "select/sourcing.h"

#include <errno.h>

enum index { PRETTY, FROM, TO };

static const struct option_spec specs[] = {
        [PRETTY] = { "pretty", 'p', NULL, "tracemalloc's top list, with the source lines", NULL },
        [FROM] = { "from", 0, "WHEN", "only what happened after this moment, up to --to", NULL },
        [TO] = { "to", 0, "WHEN", "the same as TRACE@WHEN; the end where only --from is given", NULL },
        { 0 },
};

struct own {
        bool pretty;
        struct moment from, to;
};

static int take_option(void *context, size_t index, const char *value) {
        struct own *own = context;

        switch ((enum index)index) {
        case PRETTY:
                own->pretty = true;
                return 0;
        case FROM:
                return moment_read(value, &own->from);
        case TO:
                return moment_read(value, &own->to);
        }
        return -EINVAL;
}

static const struct option_group own_options = { specs, take_option };
static const struct option_group *const groups[] = { &grouping_options,
                                                     &listing_options,
                                                     &selection_options,
                                                     &framing_options,
                                                     &sourcing_options,
                                                     &own_options,
                                                     NULL };

static const struct options_about about = {
        .command = "report",
        .usage = "report [OPTIONS] TRACE[@WHEN]",
        .summary = "Show which places hold a program's memory, at its peak or another moment.",
        .groups = groups,
};

struct asked {
        struct grouping grouping;
        struct listing listing;
        struct selection selection;
        struct framing framing;
        struct sources sources;
        struct own own;
};

static bool shows_source(const struct asked *asked) {
        return asked->listing.format == LISTING_TEXT &&
               (asked->own.pretty || asked->grouping.by == AGGREGATE_TRACEBACK);
}

/* What cannot go together, in words; NULL: all can. */
static const char *contradiction(const struct asked *asked) {
        enum aggregate_by by = asked->grouping.by;

        if (asked->sources.rule_count > 0 && !shows_source(asked))
                return "--source-dir is for what shows source: --pretty and --by traceback, as text";
        if (asked->own.pretty && (asked->listing.format != LISTING_TEXT || by == AGGREGATE_SIZE))
                return "--pretty is a text of places; it goes with no other --format, nor with --by size";
        return NULL;
}

static int settle(struct asked *asked) {
        const char *wrong;
        int error = asked->listing.format == LISTING_PSTATS ? calls_settle(&asked->grouping)
                                                            : grouping_settle(&asked->grouping);

        if (error == 0)
                error = selection_settle(&asked->selection);
        if (error == 0)
                error = framing_settle(&asked->framing, asked->grouping.by);
        wrong = error == 0 ? contradiction(asked) : NULL;
        if (wrong) {
                message("report: %s", wrong);
                error = -EINVAL;
        }
        /* a histogram has few rows, and the empty ones in between say something too */
        if (asked->grouping.by == AGGREGATE_SIZE && asked->listing.limit == 0)
                asked->listing.limit = SIZE_MAX;
        return error;
}

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
                .limit = listing_limit(&asked->listing),
                .frame_limit = framing_limit(&asked->framing),
                .most_recent_first = asked->framing.most_recent_first,
                .sources = &asked->sources,
                .least_bytes = listing_least(&asked->listing, tally->aggregate.size_bytes),
        };
}

static int render(const struct asked *asked, const struct report *report) {
        switch (asked->listing.format) {
        case LISTING_JSON:
                return render_report_json(report, stdout);
        case LISTING_CSV:
                return render_report_csv(report, stdout);
        default:
                return asked->own.pretty ? render_report_pretty(report, stdout)
                                         : render_report_text(report, stdout);
        }
}

static int make_table(struct asked *asked, struct state *state) {
        struct report report;
        struct tally tally;
        int error = tally_make(state, &asked->grouping, &asked->selection, &tally);

        if (error < 0)
                return error;
        selection_tell_unmatched(&asked->selection);
        report = report_of(asked, state, &tally);
        error = render(asked, &report);
        tally_deinit(&tally);
        return error;
}

static int make_pstats(struct asked *asked, struct state *state) {
        struct filter all = { 0 };
        struct report report;
        struct calls calls;
        int error = calls_make(state, &asked->grouping, &asked->selection, &asked->listing, &all, &calls);

        if (error < 0)
                return error;
        selection_tell_unmatched(&asked->selection);
        report = report_of(asked, state, &calls.tally);
        error = pstats_text(&(struct pstats){ &report, &calls, PSTATS_FUNCTIONS }, stdout);
        calls_deinit(&calls);
        return error;
}

static int make_report(struct asked *asked, const char *operand) {
        struct state_wish wish = {
                .from = asked->own.from.given ? &asked->own.from : NULL,
                .to = asked->own.to.given ? &asked->own.to : NULL,
                .fallback = grouping_moment(&asked->grouping, asked->own.from.given),
        };
        struct state state;
        int error = tally_open(operand, &asked->grouping, &asked->selection, &wish, &state);

        if (error < 0)
                return error;
        error = asked->listing.format == LISTING_PSTATS ? make_pstats(asked, &state)
                                                        : make_table(asked, &state);
        state_close(&state);
        return error;
}

static int run(int argc, char **argv) {
        struct asked asked = { .grouping.command = "report",
                               .listing = { .command = "report", .has_pstats = true },
                               .selection.command = "report",
                               .framing.command = "report" };
        void *const contexts[] = { &asked.grouping, &asked.listing, &asked.selection,
                                   &asked.framing,  &asked.sources, &asked.own };
        int first, result = options_parse(&about, OPTIONS_ANYWHERE, argc, argv, contexts, &first);

        if (result == 0 && argc - first != 1) {
                message("report: one trace is needed; see memtrace report --help");
                result = -EINVAL;
        }
        if (result == 0)
                result = settle(&asked);
        if (result == 0)
                result = make_report(&asked, argv[first]);
        selection_deinit(&asked.selection);
        sources_deinit(&asked.sources);
        return result < 0 ? COMMAND_UNUSABLE : COMMAND_OK;
}

const struct command command_report = { &about, run };
