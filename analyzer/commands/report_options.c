/*
 * See report_options.h. What cannot go together is refused, so that no option is ever without effect.
 */
#include "commands/report_options.h"

#include "base/message.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const format_names[] = { "text", "json", "csv", NULL };
static const char *const frame_names[] = { "user", "leaf", NULL };

enum index {
        COST,
        BY,
        CUMULATIVE,
        SORT,
        LIMIT,
        MIN,
        FORMAT,
        FRAME,
        SKIP_STD,
        SKIP,
        INCLUDE,
        EXCLUDE,
        FUNCTION,
        MODULE,
        ALL_FRAMES,
        FRAMES,
        RECENT_FIRST,
        PRETTY,
        FROM,
        TO
};

static const struct option_spec specs[] = {
        [COST] = { "cost", 'c', "COST", "what to compare: live, leaked, total, count or temporary" },
        [BY] = { "by", 'b', "KEY", "what to add up by: line, function, file, module, traceback or size" },
        [CUMULATIVE] = { "cumulative", 0, NULL, "charge every frame of a stack, each once" },
        [SORT] = { "sort", 0, "ORDER", "what stands first: size, count, average or place" },
        [LIMIT] = { "limit", 'n', "N", "show the N largest (10; all with json, csv and --by size)" },
        [MIN] = { "min", 0, "SIZE|N%", "show none smaller than SIZE, or than N% of the total" },
        [FORMAT] = { "format", 'f', "FORMAT", "text, json or csv" },
        [FRAME] = { "frame", 0, "FRAME", "who answers: user (past malloc and the runtime) or leaf" },
        [SKIP_STD] = { "skip-std", 's', NULL, "pass over C++'s and Rust's standard library too" },
        [SKIP] = { "skip", 0, "GLOB", "pass over these functions or files too, such as xmalloc" },
        [INCLUDE] = { "include", 0, "GLOB[:LINE]", "only these files" },
        [EXCLUDE] = { "exclude", 0, "GLOB[:LINE]", "without these files" },
        [FUNCTION] = { "function", 0, "GLOB", "only these functions" },
        [MODULE] = { "module", 0, "GLOB", "only these programs and libraries" },
        [ALL_FRAMES] = { "all-frames", 0, NULL,
                         "filters look at each frame of a stack, not the one charged" },
        [FRAMES] = { "frames", 0, "N", "show the N most recent frames of a traceback" },
        [RECENT_FIRST] = { "most-recent-first", 0, NULL, "tracebacks begin with the most recent frame" },
        [PRETTY] = { "pretty", 'p', NULL, "tracemalloc's top list, with the source lines" },
        [FROM] = { "from", 0, "WHEN", "only what happened after this moment, up to --to" },
        [TO] = { "to", 0, "WHEN", "the same as TRACE@WHEN; the end where only --from is given" },
        { 0 },
};

const struct options_about report_about = {
        .command = "report",
        .usage = "report [OPTIONS] TRACE[@WHEN]",
        .summary = "Show which places hold a program's memory, at its peak or another moment.",
        .specs = specs,
};

/* What was given, -1 or 0 where nothing was. */
struct given {
        struct report_options *options;
        int cost, sort, frame;
        unsigned long long limit, frame_limit;
        bool skip_std;
};

static int choose(const char *option, const char *value, const char *const *names, int *choice) {
        *choice = options_choice(value, names);
        if (*choice < 0)
                message("report: --%s %s is not known; see memtrace report --help", option, value);
        return *choice < 0;
}

static int take_count(const char *option, const char *value, unsigned long long *count) {
        if (options_number(value, 1, SIZE_MAX, count) == 0)
                return 0;
        message("report: --%s %s is not a number of lines", option, value);
        return -1;
}

/* "4096", "64K", "1.5MiB" or "2%". */
static int take_least(struct report_options *options, const char *value) {
        static const char *const units[] = { "", "K", "M", "G", "T" };
        char *unit;
        double number = *value >= '0' && *value <= '9' ? strtod(value, &unit) : -1;

        if (number >= 0 && strcmp(unit, "%") == 0 && number <= 100) {
                options->least_share = number / 100;
                options->least_bytes = 0;
                return 0;
        }
        for (size_t i = 0; number >= 0 && i < sizeof(units) / sizeof(*units); i++) {
                size_t length = strlen(units[i]);
                const char *rest = unit + length;
                double size_bytes = ceil(ldexp(number, 10 * (int)i));

                if (strncmp(unit, units[i], length) != 0 ||
                    (*rest && strcmp(rest, "B") != 0 && (length == 0 || strcmp(rest, "iB") != 0)))
                        continue;
                if (size_bytes >= 0x1p63)
                        break;
                options->least_bytes = (uint64_t)size_bytes;
                options->least_share = 0;
                return 0;
        }
        message("report: --min %s is neither a size nor a percentage", value);
        return -1;
}

static int take_option(void *context, size_t index, const char *value) {
        struct given *given = context;
        struct report_options *options = given->options;
        int choice;

        switch ((enum index)index) {
        case COST:
                return choose("cost", value, aggregate_cost_names, &given->cost);
        case BY:
                if (choose("by", value, aggregate_by_names, &choice) != 0)
                        return -1;
                options->wish.by = (enum aggregate_by)choice;
                return 0;
        case CUMULATIVE:
                options->wish.cumulative = true;
                return 0;
        case SORT:
                return choose("sort", value, aggregate_sort_names, &given->sort);
        case LIMIT:
                return take_count("limit", value, &given->limit);
        case MIN:
                return take_least(options, value);
        case FORMAT:
                if (choose("format", value, format_names, &choice) != 0)
                        return -1;
                options->format = (enum report_format)choice;
                return 0;
        case FRAME:
                return choose("frame", value, frame_names, &given->frame);
        case SKIP_STD:
                given->skip_std = true;
                return 0;
        case SKIP:
                return filter_add(&options->skips, FILTER_SKIP, value);
        case INCLUDE:
                return filter_add(&options->filter, FILTER_INCLUDE, value);
        case EXCLUDE:
                return filter_add(&options->filter, FILTER_EXCLUDE, value);
        case FUNCTION:
                return filter_add(&options->filter, FILTER_FUNCTION, value);
        case MODULE:
                return filter_add(&options->filter, FILTER_MODULE, value);
        case ALL_FRAMES:
                options->filter.all_frames = true;
                return 0;
        case FRAMES:
                return take_count("frames", value, &given->frame_limit);
        case RECENT_FIRST:
                options->most_recent_first = true;
                return 0;
        case PRETTY:
                options->pretty = true;
                return 0;
        case FROM:
                return moment_read(value, &options->from);
        case TO:
                return moment_read(value, &options->to);
        }
        return -1;
}

/* What cannot go together, in words; NULL: all can. */
static const char *contradiction(const struct given *given) {
        const struct report_options *options = given->options;
        enum aggregate_by by = options->wish.by;

        if (given->frame == 1 && (given->skip_std || options->skips.count > 0))
                return "--frame leaf is the innermost; nothing is passed over with it";
        if (options->wish.cumulative && (by == AGGREGATE_TRACEBACK || by == AGGREGATE_SIZE))
                return "--cumulative charges frames; it goes with line, function, file and module";
        if (options->filter.all_frames && options->filter.count == 0)
                return "--all-frames needs a filter: --include, --exclude, --function or --module";
        if ((given->frame_limit > 0 || options->most_recent_first) && by != AGGREGATE_TRACEBACK)
                return "--frames and --most-recent-first go with --by traceback";
        if (options->pretty && (options->format != REPORT_TEXT || by == AGGREGATE_SIZE))
                return "--pretty is a text of places; it goes with neither json, csv nor --by size";
        return NULL;
}

/* What was not given follows from what was. */
static void fill_in(const struct given *given) {
        struct report_options *options = given->options;
        bool histogram = options->wish.by == AGGREGATE_SIZE;

        options->wish.filter = &options->filter;
        options->wish.cost = given->cost < 0 ? AGGREGATE_LIVE : (enum aggregate_cost)given->cost;
        options->wish.sort = histogram                               ? AGGREGATE_BY_PLACE
                             : options->wish.cost == AGGREGATE_COUNT ? AGGREGATE_BY_COUNT
                                                                     : AGGREGATE_BY_SIZE;
        if (given->sort >= 0)
                options->wish.sort = (enum aggregate_sort)given->sort;
        options->limit = given->limit                                  ? (size_t)given->limit
                         : histogram || options->format != REPORT_TEXT ? SIZE_MAX
                                                                       : 10;
        options->frame_limit = given->frame_limit ? (size_t)given->frame_limit : SIZE_MAX;
        options->frame = given->frame == 1 ? CHARGE_LEAF : given->skip_std ? CHARGE_SKIP_STD : CHARGE_USER;
}

/* The default moment follows the cost: leaks stand at the end, as do totals and what began at --from. */
static enum moment_kind default_moment(const struct given *given) {
        return given->cost <= AGGREGATE_LIVE && !given->options->from.given ? MOMENT_PEAK : MOMENT_END;
}

static int take_moments(const struct given *given, const char *operand) {
        struct report_options *options = given->options;
        char *path;
        int error = moment_parse(operand, default_moment(given), &path, &options->moment);

        if (error < 0)
                return error;
        options->path = path;
        if (options->to.given && options->moment.given) {
                message("report: --to and TRACE@WHEN are the same; give one of them");
                return -EINVAL;
        }
        if (options->to.given)
                options->moment = options->to;
        if (options->wish.cost == AGGREGATE_LEAKED && options->moment.kind != MOMENT_END) {
                message("report: --cost leaked is about the end; @%s cannot be it",
                        moment_name(&options->moment));
                return -EINVAL;
        }
        return 0;
}

int report_options_parse(struct report_options *options, int argc, char **argv) {
        struct given given = { .options = options, .cost = -1, .sort = -1, .frame = -1 };
        const char *wrong;
        int first, result;

        *options = (struct report_options){ .format = REPORT_TEXT };
        result = options_parse(&report_about, OPTIONS_ANYWHERE, argc, argv, take_option, &given, &first);
        if (result != 0)
                return result;
        wrong = argc - first != 1 ? "one trace is needed; see memtrace report --help" : contradiction(&given);
        if (wrong) {
                message("report: %s", wrong);
                return -EINVAL;
        }
        fill_in(&given);
        return take_moments(&given, argv[first]);
}

void report_options_deinit(struct report_options *options) {
        filter_deinit(&options->filter);
        filter_deinit(&options->skips);
        free(options->path);
}
