/*
 * memtrace report TRACE[@MOMENT]: the summary and the largest places.
 */
#include "commands/command.h"

#include "aggregate/summary.h"
#include "base/message.h"
#include "commands/report_options.h"
#include "render/render.h"

#include <math.h>

static int render(const struct report_options *options, struct trace *trace, const struct summary *summary,
                  const struct aggregate *aggregate, const struct aggregate *less,
                  const struct range *range) {
        struct report report = {
                .trace_name = trace->reader->name,
                .summary = summary,
                .aggregate = aggregate,
                .moment = &options->moment,
                .time_ns = range->to_ns,
                .from = options->from.given ? &options->from : NULL,
                .from_ns = range->from_ns,
                .less = less,
                .limit = options->limit,
                .frame_limit = options->frame_limit,
                .most_recent_first = options->most_recent_first,
                .least_bytes = options->least_bytes,
        };

        if (options->least_share > 0)
                report.least_bytes = (uint64_t)ceil(options->least_share * (double)aggregate->size_bytes);
        if (options->format == REPORT_JSON)
                return render_report_json(&report, stdout);
        if (options->format == REPORT_CSV)
                return render_report_csv(&report, stdout);
        return options->pretty ? render_report_pretty(&report, stdout) : render_report_text(&report, stdout);
}

/* A glob that matches nothing is likely a slip of the pen. */
static void tell_unmatched(const struct filter *filter) {
        static const char *const options[] = { "include", "exclude", "function", "module", "skip" };

        for (size_t i = 0; i < filter->count; i++)
                if (!filter->globs[i].matched)
                        message("report: --%s %s matches nothing here", options[filter->globs[i].kind],
                                filter->globs[i].given);
}

static bool is_held(enum aggregate_cost cost) {
        return cost == AGGREGATE_LIVE || cost == AGGREGATE_LEAKED;
}

static int compare(struct report_options *options, struct trace *trace, const struct range *range,
                   const struct summary *summary) {
        /* only what is held can become less */
        bool net = options->from.given && is_held(options->wish.cost);
        struct symbols *symbols = symbols_new(trace);
        struct charge *charge = symbols ? charge_new(trace, symbols, options->frame, &options->skips) : NULL;
        struct aggregate aggregate = { 0 }, less = { 0 };
        int error = charge ? aggregate_make(&range->more, charge, &options->wish, &aggregate) : -1;

        if (error == 0 && net)
                error = aggregate_make(&range->less, charge, &options->wish, &less);
        if (error == 0) {
                tell_unmatched(&options->filter);
                tell_unmatched(&options->skips);
                error = render(options, trace, summary, &aggregate, net ? &less : NULL, range);
        }
        aggregate_deinit(&less);
        aggregate_deinit(&aggregate);
        charge_free(charge);
        symbols_free(symbols);
        return error;
}

/* Everything after the trace is open. 0, negative errno (reported), READER_E_*. */
static int make_report(struct report_options *options, struct trace *trace) {
        enum replay_from replay_from =
                is_held(options->wish.cost) ? REPLAY_FROM_CHECKPOINT : REPLAY_FROM_BEGINNING;
        struct summary summary;
        struct range range;
        int error = range_replay(trace, options->from.given ? &options->from : NULL, &options->moment,
                                 replay_from, &range);

        if (error != 0)
                return error;
        /* after the replay, which may have found damage that the summary has to tell of */
        error = summary_make(trace, &summary);
        if (error == 0) {
                error = compare(options, trace, &range, &summary);
                summary_deinit(&summary);
        }
        range_deinit(&range);
        return error;
}

static int run(int argc, char **argv) {
        struct report_options options;
        struct trace *trace;
        int result = report_options_parse(&options, argc, argv);

        if (result != 0)
                result = result == OPTIONS_HELPED ? COMMAND_OK : COMMAND_UNUSABLE;
        else if ((result = command_open(options.path, &trace)) == COMMAND_OK) {
                int error = make_report(&options, trace);

                if (error != 0)
                        result = command_failed(options.path, error);
                trace_free(trace);
        }
        report_options_deinit(&options);
        return result;
}

const struct command command_report = { &report_about, run };
