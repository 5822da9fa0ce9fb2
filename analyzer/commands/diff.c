/*
 * memtrace diff A[@WHEN] B[@WHEN]: what changed from one state to another, of one run, of two, or of two
 * builds. What cannot go together is refused, so that no option is ever without effect.
 */
#include "commands/command.h"

#include "base/message.h"
#include "render/difference.h"
#include "select/framing.h"
#include "select/listing.h"
#include "select/series.h"
#include "select/sourcing.h"

#include <errno.h>

enum index { PRETTY, UNCHANGED };

static const struct option_spec specs[] = {
        [PRETTY] = { "pretty", 'p', NULL, "tracemalloc's top list of differences, with the source lines",
                     NULL },
        [UNCHANGED] = { "unchanged", 'u', NULL, "show what did not change, too", NULL },
        { 0 },
};

struct own {
        bool pretty, unchanged;
};

static int take_option(void *context, size_t index, const char *value) {
        struct own *own = context;

        switch ((enum index)index) {
        case PRETTY:
                own->pretty = true;
                return 0;
        case UNCHANGED:
                own->unchanged = true;
                return 0;
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
        .command = "diff",
        .usage = "diff [OPTIONS] BEFORE[@WHEN] AFTER[@WHEN]",
        .summary = "Show what changed between two traces, or between two moments of one.",
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
                return "--pretty is a text of places; it goes with neither json, csv nor --by size";
        return NULL;
}

static int settle(struct asked *asked) {
        const char *wrong;
        int error = grouping_settle(&asked->grouping);

        if (error == 0)
                error = selection_settle(&asked->selection);
        if (error == 0)
                error = framing_settle(&asked->framing, asked->grouping.by);
        wrong = error == 0 ? contradiction(asked) : NULL;
        if (wrong) {
                message("diff: %s", wrong);
                error = -EINVAL;
        }
        if (asked->grouping.by == AGGREGATE_SIZE && asked->listing.limit == 0)
                asked->listing.limit = SIZE_MAX;
        return error;
}

static int render(struct asked *asked, const struct series *series, const struct differences *differences) {
        const struct difference_report report = {
                .series = series,
                .differences = differences,
                .table = {
                        .trace_name = series->points[0].name,
                        .aggregate = differences->places,
                        .limit = listing_limit(&asked->listing),
                        .frame_limit = framing_limit(&asked->framing),
                        .most_recent_first = asked->framing.most_recent_first,
                        .sources = &asked->sources,
                        .least_bytes = listing_least(&asked->listing, series_most_bytes(series)),
                },
                .with_same = asked->own.unchanged,
        };

        switch (asked->listing.format) {
        case LISTING_JSON:
                return difference_json(&report, stdout);
        case LISTING_CSV:
                return difference_csv(&report, stdout);
        default:
                return asked->own.pretty ? difference_pretty(&report, stdout)
                                         : difference_text(&report, stdout);
        }
}

static int make_diff(struct asked *asked, char *const *operands) {
        struct differences differences;
        struct series series;
        int error = series_make(operands, 2, &asked->grouping, &asked->selection, &series);

        if (error < 0)
                return error;
        error = difference_make(&series.comparison, &differences);
        if (error == 0) {
                error = render(asked, &series, &differences);
                difference_deinit(&differences);
        }
        series_deinit(&series);
        return error;
}

static int run(int argc, char **argv) {
        struct asked asked = { .grouping.command = "diff",
                               .listing.command = "diff",
                               .selection.command = "diff",
                               .framing.command = "diff" };
        void *const contexts[] = { &asked.grouping, &asked.listing, &asked.selection,
                                   &asked.framing,  &asked.sources, &asked.own };
        int first, result = options_parse(&about, OPTIONS_ANYWHERE, argc, argv, contexts, &first);

        if (result == 0 && argc - first != 2) {
                message("diff: two traces are needed, or a trace and two moments of it; see memtrace diff "
                        "--help");
                result = -EINVAL;
        }
        if (result == 0)
                result = settle(&asked);
        if (result == 0)
                result = make_diff(&asked, argv + first);
        selection_deinit(&asked.selection);
        sources_deinit(&asked.sources);
        return result < 0 ? COMMAND_UNUSABLE : COMMAND_OK;
}

const struct command command_diff = { &about, run };
