/*
 * memtrace report TRACE[@MOMENT]: the summary and the largest places.
 */
#include "commands/command.h"

#include "aggregate/aggregate.h"
#include "aggregate/summary.h"
#include "base/message.h"
#include "render/render.h"
#include "replay/range.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

static const char *const cost_names[] = { "live", "leaked", "total", "count", NULL };
static const char *const by_names[] = { "line", NULL };
static const char *const format_names[] = { "text", "json", NULL };
static const char *const frame_names[] = { "user", "leaf", NULL };

enum format { FORMAT_TEXT, FORMAT_JSON };
enum by { BY_LINE };
enum index { COST, BY, LIMIT, FORMAT, FRAME, SKIP_STD, PRETTY, FROM, TO };

static const struct option_spec specs[] = {
        [COST] = { "cost", 'c', "COST", "what to compare: live, leaked, total or count" },
        [BY] = { "by", 'b', "KEY", "what to add up by: line" },
        [LIMIT] = { "limit", 'n', "N", "show the N largest (10; all with --format json)" },
        [FORMAT] = { "format", 'f', "FORMAT", "text or json" },
        [FRAME] = { "frame", 0, "FRAME", "who answers: user (past malloc and the runtime) or leaf" },
        [SKIP_STD] = { "skip-std", 's', NULL, "pass over C++'s and Rust's standard library too" },
        [PRETTY] = { "pretty", 'p', NULL, "tracemalloc's top list, with the source lines" },
        [FROM] = { "from", 0, "WHEN", "only what happened after this moment, up to --to" },
        [TO] = { "to", 0, "WHEN", "the same as TRACE@WHEN; the end where only --from is given" },
        { 0 },
};

static const struct options_about about = {
        .command = "report",
        .usage = "report [OPTIONS] TRACE[@WHEN]",
        .summary = "Show which lines hold a program's memory, at its peak or another moment.",
        .specs = specs,
};

struct request {
        int cost, by, format, frame; /* indices of the names above; -1: not given */
        unsigned long long limit;
        bool limit_given, pretty, skip_std;
        struct moment moment, from, to; /* the moment is `to`, where that is given */
        char *path;
};

static int choose(const char *option, const char *value, const char *const *names, int *choice) {
        *choice = options_choice(value, names);
        if (*choice < 0)
                message("report: --%s %s is not known; see memtrace report --help", option, value);
        return *choice < 0;
}

static int take_option(void *context, size_t index, const char *value) {
        struct request *request = context;

        switch ((enum index)index) {
        case COST:
                return choose("cost", value, cost_names, &request->cost);
        case BY:
                return choose("by", value, by_names, &request->by);
        case FORMAT:
                return choose("format", value, format_names, &request->format);
        case FRAME:
                return choose("frame", value, frame_names, &request->frame);
        case SKIP_STD:
                request->skip_std = true;
                return 0;
        case PRETTY:
                request->pretty = true;
                return 0;
        case FROM:
                return moment_read(value, &request->from);
        case TO:
                return moment_read(value, &request->to);
        case LIMIT:
                request->limit_given = true;
                if (options_number(value, 1, SIZE_MAX, &request->limit) == 0)
                        return 0;
                message("report: --limit %s is not a number of lines", value);
                return -1;
        }
        return -1;
}

/* The default moment follows the cost: leaks stand at the end, as do totals and what began at --from. */
static enum moment_kind default_moment(const struct request *request) {
        return request->cost <= AGGREGATE_LIVE && !request->from.given ? MOMENT_PEAK : MOMENT_END;
}

static int take_moments(struct request *request, const char *operand) {
        int error = moment_parse(operand, default_moment(request), &request->path, &request->moment);

        if (error < 0 || !request->to.given)
                return error;
        if (request->moment.given) {
                message("report: --to and TRACE@WHEN are the same; give one of them");
                free(request->path);
                return -EINVAL;
        }
        request->moment = request->to;
        return 0;
}

static int render(const struct request *request, struct trace *trace, const struct summary *summary,
                  const struct aggregate *aggregate, const struct aggregate *less,
                  const struct range *range) {
        bool json = request->format == FORMAT_JSON;
        struct report report = {
                .trace_name = trace->reader->name,
                .summary = summary,
                .aggregate = aggregate,
                .moment = &request->moment,
                .time_ns = range->to_ns,
                .from = request->from.given ? &request->from : NULL,
                .from_ns = range->from_ns,
                .less = less,
                .cost = cost_names[request->cost],
                .by = by_names[request->by],
                .limit = request->limit_given ? (size_t)request->limit
                         : json               ? SIZE_MAX
                                              : 10,
        };

        if (json)
                return render_report_json(&report, stdout);
        return request->pretty ? render_report_pretty(&report, stdout) : render_report_text(&report, stdout);
}

static enum charge_frame charged_frame(const struct request *request) {
        if (request->frame == 1)
                return CHARGE_LEAF;
        return request->skip_std ? CHARGE_SKIP_STD : CHARGE_USER;
}

/* Everything after the trace is open. 0, negative errno (reported), READER_E_*. */
static int make_report(const struct request *request, struct trace *trace) {
        enum aggregate_cost cost = (enum aggregate_cost)request->cost;
        enum replay_from from = cost == AGGREGATE_TOTAL || cost == AGGREGATE_COUNT ? REPLAY_FROM_BEGINNING
                                                                                   : REPLAY_FROM_CHECKPOINT;
        /* only what is held can become less */
        bool net = request->from.given && from == REPLAY_FROM_CHECKPOINT;
        struct aggregate aggregate = { 0 }, less = { 0 };
        struct symbols *symbols = NULL;
        struct charge *charge = NULL;
        struct summary summary;
        struct range range;
        int error = range_replay(trace, request->from.given ? &request->from : NULL, &request->moment, from,
                                 &range);

        if (error != 0)
                return error;
        /* after the replay, which may have found damage that the summary has to tell of */
        error = summary_make(trace, &summary);
        if (error != 0) {
                range_deinit(&range);
                return error;
        }
        error = -1;
        if ((symbols = symbols_new(trace)) && (charge = charge_new(trace, symbols, charged_frame(request))))
                error = aggregate_lines(&range.more, charge, cost, &aggregate);
        if (error == 0 && net)
                error = aggregate_lines(&range.less, charge, cost, &less);
        if (error == 0)
                error = render(request, trace, &summary, &aggregate, net ? &less : NULL, &range);
        aggregate_deinit(&less);
        aggregate_deinit(&aggregate);
        charge_free(charge);
        symbols_free(symbols);
        summary_deinit(&summary);
        range_deinit(&range);
        return error;
}

static int run(int argc, char **argv) {
        struct request request = { .cost = -1, .by = BY_LINE, .format = FORMAT_TEXT };
        struct trace *trace;
        int first, result;

        result = options_parse(&about, OPTIONS_ANYWHERE, argc, argv, take_option, &request, &first);
        if (result != 0)
                return result == OPTIONS_HELPED ? COMMAND_OK : COMMAND_UNUSABLE;
        if (argc - first != 1) {
                message("report: one trace is needed; see memtrace report --help");
                return COMMAND_UNUSABLE;
        }
        if (take_moments(&request, argv[first]) < 0)
                return COMMAND_UNUSABLE;
        if (request.cost < 0)
                request.cost = AGGREGATE_LIVE;
        if (request.cost == AGGREGATE_LEAKED && request.moment.kind != MOMENT_END) {
                message("report: --cost leaked is about the end; @%s cannot be it",
                        moment_name(&request.moment));
                free(request.path);
                return COMMAND_UNUSABLE;
        }
        result = command_open(request.path, &trace);
        if (result == COMMAND_OK) {
                int error = make_report(&request, trace);

                if (error != 0)
                        result = command_failed(request.path, error);
                trace_free(trace);
        }
        free(request.path);
        return result;
}

const struct command command_report = { &about, run };
