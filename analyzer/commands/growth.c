/*
 * memtrace growth A[@WHEN] [B[@WHEN]...]: what grew from moment to moment. A trace alone is looked at ten
 * times.
 */
#include "commands/command.h"

#include "base/message.h"
#include "render/difference.h"
#include "select/places.h"
#include "select/series.h"
#include "state/snapshot.h"

#include <errno.h>
#include <stdlib.h>

#define MOMENTS 10
#define MOMENTS_MAX 1000

enum index { MOMENT_COUNT };

static const struct option_spec specs[] = {
        [MOMENT_COUNT] = { "moments", 0, "N", "look at a trace alone at N moments (10)", NULL },
        { 0 },
};

struct asked {
        struct places places;
        size_t moment_count; /* 0: not given */
};

static int take_option(void *context, size_t index, const char *value) {
        unsigned long long number;
        struct asked *asked = context;

        switch ((enum index)index) {
        case MOMENT_COUNT:
                if (options_number(value, 2, MOMENTS_MAX, &number) < 0) {
                        message("growth: --moments %s is not a number from 2 to %d", value, MOMENTS_MAX);
                        return -EINVAL;
                }
                asked->moment_count = (size_t)number;
                return 0;
        }
        return -EINVAL;
}

static const struct option_group own_options = { specs, take_option };
static const struct option_group *const groups[] = { PLACES_GROUPS, &own_options, NULL };

static const struct options_about about = {
        .command = "growth",
        .usage = "growth [OPTIONS] TRACE[@WHEN] [TRACE[@WHEN]...]",
        .summary = "Show which places grow from moment to moment, as a leak does.",
        .groups = groups,
        .lacks = (const char *const[]){ "cost=leaked", "sort=average", "format=pstats", NULL },
};

static int settle(struct asked *asked, int operand_count) {
        const char *wrong = NULL;
        int error = places_settle(&asked->places);

        if (error < 0)
                return error;
        if (asked->places.grouping.sort == AGGREGATE_BY_AVERAGE)
                wrong = "--sort goes with size, count and place here";
        else if (asked->places.grouping.cost == AGGREGATE_LEAKED)
                wrong = "--cost leaked is about one moment, the end";
        else if (asked->moment_count > 0 && operand_count > 1)
                wrong = "--moments is for a trace alone";
        if (!wrong)
                return 0;
        message("growth: %s", wrong);
        return -EINVAL;
}

static int render(struct asked *asked, const struct series *series, const struct growths *growths) {
        const struct growth_report report = {
                .series = series,
                .growths = growths,
                .table = {
                        .trace_name = series->points[0].name,
                        .summary = series->points[series->point_count - 1].summary,
                        .aggregate = growths->places,
                        .limit = listing_limit(&asked->places.listing),
                        .frame_limit = framing_limit(&asked->places.framing),
                        .most_recent_first = asked->places.framing.most_recent_first,
                        .sources = &asked->places.sources,
                        .least_bytes = listing_least(&asked->places.listing, series_most_bytes(series)),
                },
        };

        switch (asked->places.listing.format) {
        case LISTING_JSON:
                return growth_json(&report, stdout);
        case LISTING_CSV:
                return growth_csv(&report, stdout);
        default:
                return growth_text(&report, stdout);
        }
}

static int make_growth(struct asked *asked, char *const *operands, size_t count) {
        struct growths growths;
        struct series series;
        int error = series_make(operands, count, &asked->places.grouping, &asked->places.selection, &series);

        if (error < 0)
                return error;
        error = growth_make(&series.comparison, &growths);
        if (error == 0) {
                error = render(asked, &series, &growths);
                growth_deinit(&growths);
        }
        series_deinit(&series);
        return error;
}

/* The `number`th of so many moments, evenly spread over the run. NULL: no memory. */
static char *moment_of(const char *path, size_t number, size_t count) {
        size_t thousandths = number * 1000 / count;
        char *operand;
        int made;

        if (number == count)
                made = asprintf(&operand, "%s@end", path);
        else if (thousandths % 10 == 0)
                made = asprintf(&operand, "%s@%zu%%", path, thousandths / 10);
        else
                made = asprintf(&operand, "%s@%zu.%zu%%", path, thousandths / 10, thousandths % 10);
        return made < 0 ? NULL : operand;
}

static int spread(struct asked *asked, const char *path) {
        size_t count = asked->moment_count ? asked->moment_count : MOMENTS;
        char **operands = calloc(count, sizeof(*operands));
        int error = operands ? 0 : -ENOMEM;

        for (size_t i = 0; error == 0 && i < count; i++)
                if (!(operands[i] = moment_of(i == 0 ? path : "", i + 1, count)))
                        error = -ENOMEM;
        if (error < 0)
                message_errno(ENOMEM, path, "cannot compare");
        else
                error = make_growth(asked, operands, count);
        for (size_t i = 0; operands && i < count; i++)
                free(operands[i]);
        free(operands);
        return error;
}

/* A trace alone is looked at all along its run. */
static int make_alone(struct asked *asked, const char *operand) {
        struct moment moment;
        char *path;
        int error = moment_parse(operand, MOMENT_END, &path, &moment);

        if (error < 0)
                return error;
        if (moment.given || snapshot_is(path)) {
                message("growth: %s is one moment; a second is needed, or the trace alone", operand);
                error = -EINVAL;
        } else {
                error = spread(asked, path);
        }
        free(path);
        return error;
}

static int run(int argc, char **argv) {
        struct asked asked = { 0 };
        void *const contexts[] = { PLACES_CONTEXTS(&asked.places), &asked };
        int first, result;

        places_init(&asked.places, "growth");
        result = options_parse(&about, OPTIONS_ANYWHERE, argc, argv, contexts, &first);
        if (result == 0 && first == argc) {
                message("growth: a trace is needed; see memtrace growth --help");
                result = -EINVAL;
        }
        if (result == 0)
                result = settle(&asked, argc - first);
        if (result == 0)
                result = argc - first == 1 ? make_alone(&asked, argv[first])
                                           : make_growth(&asked, argv + first, (size_t)(argc - first));
        places_deinit(&asked.places);
        return result < 0 ? COMMAND_UNUSABLE : COMMAND_OK;
}

const struct command command_growth = { &about, run };
