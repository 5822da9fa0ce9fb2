/*
 * memtrace diff A[@WHEN] B[@WHEN]: what changed from one state to another, of one run, of two, or of two
 * builds.
 */
#include "commands/command.h"

#include "base/message.h"
#include "render/difference.h"
#include "select/places.h"
#include "select/series.h"

#include <errno.h>

enum index { PRETTY, UNCHANGED };

static const struct option_spec specs[] = {
        [PRETTY] = { "pretty", 'p', NULL, "tracemalloc's top list of differences, with the source lines",
                     NULL },
        [UNCHANGED] = { "unchanged", 'u', NULL, "show what did not change, too", NULL },
        { 0 },
};

struct asked {
        struct places places;
        bool unchanged;
};

static int take_option(void *context, size_t index, const char *value) {
        struct asked *asked = context;

        switch ((enum index)index) {
        case PRETTY:
                asked->places.pretty = true;
                return 0;
        case UNCHANGED:
                asked->unchanged = true;
                return 0;
        }
        return -EINVAL;
}

static const struct option_group own_options = { specs, take_option };
static const struct option_group *const groups[] = { PLACES_GROUPS, &own_options, NULL };

static const struct options_about about = {
        .command = "diff",
        .usage = "diff [OPTIONS] BEFORE[@WHEN] AFTER[@WHEN]",
        .summary = "Show what changed between two traces, or between two moments of one.",
        .groups = groups,
        .lacks = (const char *const[]){ "format=pstats", NULL },
};

static int render(struct asked *asked, const struct series *series, const struct differences *differences) {
        const struct difference_report report = {
                .series = series,
                .differences = differences,
                .table = {
                        .trace_name = series->points[0].name,
                        .aggregate = differences->places,
                        .limit = listing_limit(&asked->places.listing),
                        .frame_limit = framing_limit(&asked->places.framing),
                        .most_recent_first = asked->places.framing.most_recent_first,
                        .sources = &asked->places.sources,
                        .least_bytes = listing_least(&asked->places.listing, series_most_bytes(series)),
                },
                .with_same = asked->unchanged,
        };

        switch (asked->places.listing.format) {
        case LISTING_JSON:
                return difference_json(&report, stdout);
        case LISTING_CSV:
                return difference_csv(&report, stdout);
        default:
                return asked->places.pretty ? difference_pretty(&report, stdout)
                                            : difference_text(&report, stdout);
        }
}

static int make_diff(struct asked *asked, char *const *operands) {
        struct differences differences;
        struct series series;
        int error = series_make(operands, 2, &asked->places.grouping, &asked->places.selection, &series);

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
        struct asked asked = { 0 };
        void *const contexts[] = { PLACES_CONTEXTS(&asked.places), &asked };
        int first, result;

        places_init(&asked.places, "diff");
        asked.places.has_pretty = true;
        result = options_parse(&about, OPTIONS_ANYWHERE, argc, argv, contexts, &first);
        if (result == 0 && argc - first != 2) {
                message("diff: two traces are needed, or a trace and two moments of it; see memtrace diff "
                        "--help");
                result = -EINVAL;
        }
        if (result == 0)
                result = places_settle(&asked.places);
        if (result == 0)
                result = make_diff(&asked, argv + first);
        places_deinit(&asked.places);
        return result < 0 ? COMMAND_UNUSABLE : COMMAND_OK;
}

const struct command command_diff = { &about, run };
