/*
 * memtrace plot TRACE...: memory over time, as a picture or as the numbers that it is drawn from.
 */
#include "commands/command.h"

#include "base/message.h"
#include "render/plot.h"
#include "select/picture.h"
#include "select/tally.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define STACKED_MAX 50u

enum index { WINDOW, SLOPE, LOG, STACKED, CHILDREN, ALIGN, COLUMNS, FORMAT };
enum format { FORMAT_SVG, FORMAT_JSON, FORMAT_CSV };

static const char *const alignments[] = { "start", "wall", NULL };
static const char *const formats[] = { "picture", "json", "csv", NULL };

static const struct option_spec specs[] = {
        [WINDOW] = { "window", 'w', "A,B", "only from one moment to another: 1s,50%", NULL },
        [SLOPE] = { "slope", 0, NULL, "the trend as a line, with its slope and confidence", NULL },
        [LOG] = { "log", 'l', NULL, "powers of two on the axis of memory", NULL },
        [STACKED] = { "stacked", 0, "N", "the N places that hold most, as bands", NULL },
        [CHILDREN] = { "children", 0, NULL, "the traces of child processes beside it as well", NULL },
        [ALIGN] = { "align", 0, "HOW", "several runs by their start, or by the clock on the wall",
                    alignments },
        [COLUMNS] = { "columns", 0, "N", "how many columns the run is reduced to", NULL },
        [FORMAT] = { "format", 0, "FORMAT", "the columns as numbers instead, on standard output", formats },
        { 0 },
};

struct own {
        struct chart_wish wish;
        char *window; /* A,B taken apart */
        unsigned long long stacked, columns;
        int format;
        bool log;
};

static int take_window(struct own *own, const char *value) {
        char *comma;
        int error;

        free(own->window);
        own->window = strdup(value);
        comma = own->window ? strchr(own->window, ',') : NULL;
        if (!comma) {
                message("plot: --window %s: two moments are needed, with a comma between them", value);
                return -EINVAL;
        }
        *comma = '\0';
        error = moment_read(own->window, &own->wish.from);
        return error == 0 ? moment_read(comma + 1, &own->wish.to) : error;
}

static int take_number(const char *option, const char *value, unsigned most, unsigned long long *number) {
        if (options_number(value, 1, most, number) == 0)
                return 0;
        message("plot: --%s %s is not a number from 1 to %u", option, value, most);
        return -EINVAL;
}

static int take_choice(size_t index, const char *value, int *choice) {
        *choice = options_choose("plot", &specs[index], value);
        return *choice < 0 ? *choice : 0;
}

static int take_option(void *context, size_t index, const char *value) {
        struct own *own = context;
        int choice, error;

        switch ((enum index)index) {
        case WINDOW:
                return take_window(own, value);
        case SLOPE:
                own->wish.slope = true;
                return 0;
        case LOG:
                own->log = true;
                return 0;
        case STACKED:
                return take_number("stacked", value, STACKED_MAX, &own->stacked);
        case CHILDREN:
                own->wish.children = true;
                return 0;
        case ALIGN:
                error = take_choice(index, value, &choice);
                own->wish.wall = error == 0 && choice == 1;
                return error;
        case COLUMNS:
                return take_number("columns", value, CURVE_COLUMNS_MAX, &own->columns);
        case FORMAT:
                return take_choice(index, value, &own->format);
        }
        return -EINVAL;
}

static const struct option_group own_options = { specs, take_option };
static const struct option_group *const groups[] = { &picture_options, &own_options, &grouping_options,
                                                     &selection_options, NULL };

static const struct options_about about = {
        .command = "plot",
        .usage = "plot [OPTIONS] TRACE...",
        .summary = "Draw a program's memory over time.",
        .groups = groups,
        .lacks = (const char *const[]){ "cost", "temporary", "sort", "cumulative", "thread", "by=thread",
                                        NULL },
};

struct asked {
        struct picture picture;
        struct own own;
        struct grouping grouping;
        struct selection selection;
};

/* What cannot go together, in words; NULL: all can. */
static const char *contradiction(const struct asked *asked) {
        const struct own *own = &asked->own;
        bool groups_given = asked->grouping.by_given || asked->grouping.cost_given ||
                            asked->grouping.sort_given || asked->grouping.cumulative;

        if (own->format != FORMAT_SVG && (asked->picture.output || asked->picture.title || own->log))
                return "--output, --title and --log are of the picture, and --format is of numbers instead";
        if (own->stacked == 0 && (groups_given || asked->selection.filter.count > 0))
                return "--by, --cost, --sort and the filters are about places, which --stacked shows";
        if (own->stacked > 0 && own->log)
                return "--stacked adds up, which --log cannot show";
        if (own->stacked > 0 && (asked->grouping.cost != AGGREGATE_LIVE || asked->grouping.cumulative ||
                                 asked->grouping.sort_given))
                return "--stacked is of live bytes, the most first and each counted once: no --cost, --sort "
                       "or "
                       "--cumulative goes with it";
        if (own->stacked > 0 &&
            (asked->grouping.by == AGGREGATE_THREAD || asked->selection.filter.counts[FILTER_THREAD] > 0))
                return "--stacked goes with neither --by thread nor --thread";
        return NULL;
}

static int settle(struct asked *asked) {
        int error = picture_settle(&asked->picture);
        const char *wrong;

        if (error == 0)
                error = grouping_settle(&asked->grouping);

        if (error == 0)
                error = selection_settle(&asked->selection);
        wrong = error == 0 ? contradiction(asked) : NULL;
        if (!wrong)
                return error;
        message("plot: %s", wrong);
        return -EINVAL;
}

static int draw(const struct asked *asked, const struct plot *plot, const char *path) {
        struct picture_file file;
        int error;

        if (asked->own.format == FORMAT_JSON)
                return plot_json(plot, stdout);
        if (asked->own.format == FORMAT_CSV)
                return plot_csv(plot, stdout);
        error = picture_begin(&file, &asked->picture, path, "plot");
        return error == 0 ? picture_end(&file, plot_svg(plot, file.stream)) : error;
}

static int make_plot(struct asked *asked, char *const *paths, size_t count) {
        struct charts charts;
        struct bands bands = { 0 };
        struct plot plot = {
                .charts = &charts,
                .bands = asked->own.stacked > 0 ? &bands : NULL,
                .title = asked->picture.title,
                .width = asked->picture.width,
                .log = asked->own.log,
        };
        struct domain_choice *domains = tally_domains(&asked->grouping, &asked->selection);
        int error;

        asked->own.wish.domains = domains;
        domains->several = count > 1 || asked->own.wish.children;
        error = chart_open(paths, count, &asked->own.wish, &charts);
        if (error == 0)
                error = domain_choice_end(domains);
        if (error == 0 && plot.bands && (charts.count > 1 || !charts.items->trace)) {
                message("plot: --stacked is of one trace alone");
                error = -EINVAL;
        }
        if (error == 0 && plot.bands)
                error = bands_make(charts.items, &asked->grouping, &asked->selection, asked->own.stacked,
                                   &bands);
        if (error == 0)
                selection_tell_unmatched(&asked->selection);
        if (error == 0)
                error = draw(asked, &plot, paths[0]);
        bands_deinit(&bands);
        chart_close(&charts);
        return error;
}

static int run(int argc, char **argv) {
        struct asked asked = { .picture = { .command = "plot", .width = PLOT_WIDTH },
                               .grouping.command = "plot",
                               .selection.command = "plot" };
        void *const contexts[] = { &asked.picture, &asked.own, &asked.grouping, &asked.selection };
        int first, result = options_parse(&about, OPTIONS_ANYWHERE, argc, argv, contexts, &first);

        if (result == 0 && first == argc) {
                message("plot: which trace? see memtrace plot --help");
                result = -EINVAL;
        }
        if (result == 0)
                result = settle(&asked);
        asked.own.wish.columns =
                asked.own.columns > 0 ? (size_t)asked.own.columns : plot_columns(asked.picture.width);
        if (result == 0)
                result = make_plot(&asked, argv + first, (size_t)(argc - first));
        selection_deinit(&asked.selection);
        free(asked.own.window);
        return result < 0 ? COMMAND_UNUSABLE : COMMAND_OK;
}

const struct command command_plot = { &about, run };
