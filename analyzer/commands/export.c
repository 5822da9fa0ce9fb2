/*
 * memtrace export TRACE[@WHEN] --format FORMAT: what a trace has, in the formats of other tools.
 */
#include "commands/command.h"

#include "base/message.h"
#include "base/path.h"
#include "base/size.h"
#include "base/whole.h"
#include "render/export/export.h"
#include "render/export/packed.h"
#include "select/selection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum index { FORMAT, OUTPUT, COST, NODE_THRESHOLD, EDGE_THRESHOLD };

static const char *const cost_names[] = { "live", "leaked", "total", "count", "temporary", NULL };

static const struct option_spec specs[] = {
        [FORMAT] = { "format", 'f', "FORMAT", "as what:", export_format_names },
        [OUTPUT] = { "output", 'o', "FILE",
                     "where to, if not to standard output; FILE.gz and FILE.zst are compressed", NULL },
        [COST] = { "cost", 'c', "COST", "what a format with one number for each stack shows:", cost_names },
        [NODE_THRESHOLD] = { "node-threshold", 0, "N%",
                             "draw no function with less than N%, 0.5% if not given", NULL },
        [EDGE_THRESHOLD] = { "edge-threshold", 0, "N%", "draw no call with less than N%, 0.1% if not given",
                             NULL },
        { 0 },
};

struct asked {
        struct selection selection;
        const struct export_format *format; /* NULL: not given */
        const char *format_name, *output;
        enum aggregate_cost cost;
        bool cost_given, threshold_given;
        double node_least, edge_least;
};

static int take_threshold(struct asked *asked, enum index index, const char *value) {
        double *share = index == NODE_THRESHOLD ? &asked->node_least : &asked->edge_least;

        asked->threshold_given = true;
        if (size_share(value, 100, share) == 0)
                return 0;
        message("export: --%s %s is no percentage", specs[index].name, value);
        return -EINVAL;
}

static int take_option(void *context, size_t index, const char *value) {
        struct asked *asked = context;
        int choice = specs[index].choices ? options_choose("export", &specs[index], value) : 0;

        if (choice < 0)
                return choice;
        switch ((enum index)index) {
        case FORMAT:
                asked->format = export_formats[choice];
                asked->format_name = export_format_names[choice];
                return 0;
        case OUTPUT:
                asked->output = value;
                return 0;
        case COST:
                asked->cost = (enum aggregate_cost)choice;
                asked->cost_given = true;
                return 0;
        case NODE_THRESHOLD:
        case EDGE_THRESHOLD:
                return take_threshold(asked, (enum index)index, value);
        }
        return -EINVAL;
}

static const struct option_group own_options = { specs, take_option };
static const struct option_group *const groups[] = { &own_options, &selection_options, NULL };

static const struct options_about about = {
        .command = "export",
        .usage = "export --format FORMAT [OPTIONS] TRACE[@WHEN]",
        .summary = "Write what a trace has in the formats of other tools.",
        .groups = groups,
        .lacks = (const char *const[]){ "thread", NULL },
};

static int refuse(const char *format, const char *wrong) {
        message("export: --format %s: %s", format, wrong);
        return -EINVAL;
}

static int settle(struct asked *asked) {
        bool to_terminal = (!asked->output || strcmp(asked->output, "-") == 0) && isatty(STDOUT_FILENO);

        if (!asked->format) {
                message("export: which --format? see memtrace export --help");
                return -EINVAL;
        }
        if (asked->cost_given && !asked->format->one)
                return refuse(asked->format_name, "it has all there is, and --cost has no say");
        if (asked->threshold_given && !asked->format->drawn)
                return refuse(asked->format_name, "nothing of it is drawn, and thresholds have no say");
        if (asked->format->binary && to_terminal)
                return refuse(asked->format_name, "it is binary, and not for a terminal; give --output");
        if (asked->format->binary && asked->output && path_ends_with(asked->output, ".zst"))
                return refuse(asked->format_name, "it is compressed by gzip already, and not by zstd");
        if (asked->format->resident && asked->selection.domains.count > 0)
                return refuse(asked->format_name, "it is of the resident set, which is no domain's");
        if (asked->format->history && asked->selection.filter.count > 0)
                return refuse(asked->format_name, "it is of a whole run, and leaves nothing out");
        return selection_settle(&asked->selection);
}

/* Whether the format can be of the moment. */
static int settle_moment(const struct asked *asked, const struct state *state) {
        if (asked->format->history && (state->when || state->moment.given))
                return refuse(asked->format_name, "it is of a whole run; give a trace without a moment");
        if (asked->cost == AGGREGATE_LEAKED && state->moment.kind != MOMENT_END)
                return refuse(asked->format_name,
                              "what is leaked is held at the end, and at no other moment");
        return 0;
}

static int write_file(const struct asked *asked, const struct export_wish *wish) {
        /* what is binary is compressed already */
        const char *output = asked->output ? asked->output : "-",
                   *name = asked->format->binary ? "-" : output;
        struct whole whole;
        struct packed packed;
        int error = whole_begin_or_stdout(&whole, output);

        if (error < 0)
                return error;
        error = packed_begin(&packed, name, whole.stream);
        if (error == 0)
                error = packed_end(&packed, asked->format->write(wish, packed.stream));
        return whole_end(&whole, error);
}

static int export(struct asked *asked, const char *operand) {
        bool at_peak = asked->format->one && asked->cost == AGGREGATE_LIVE;
        const struct state_wish wish = { .fallback = at_peak ? MOMENT_PEAK : MOMENT_END,
                                         .totals = true,
                                         .domains = &asked->selection.domains,
                                         .all = asked->format->threads };
        struct export_wish exported = { .operand = operand,
                                        .filter = &asked->selection.filter,
                                        .cost = asked->cost,
                                        .node_least = asked->node_least,
                                        .edge_least = asked->edge_least };
        struct state state;
        int error = state_open(operand, &wish, &state);

        if (error < 0)
                return error;
        exported.state = &state;
        exported.reached = &wish;
        error = settle_moment(asked, &state);
        if (error == 0)
                exported.charge = charge_new(state.trace, state.symbols, asked->selection.frame,
                                             &asked->selection.skips);
        if (exported.charge)
                error = write_file(asked, &exported);
        else if (error == 0)
                error = -ENOMEM;
        if (error == 0)
                selection_tell_unmatched(&asked->selection);
        charge_free(exported.charge);
        state_close(&state);
        return error;
}

static int run(int argc, char **argv) {
        struct asked asked = { .selection.command = "export", .node_least = 0.005, .edge_least = 0.001 };
        void *const contexts[] = { &asked, &asked.selection };
        int first, result = options_parse(&about, OPTIONS_ANYWHERE, argc, argv, contexts, &first);

        if (result == 0 && argc - first != 1) {
                message("export: one trace is needed; see memtrace export --help");
                result = -EINVAL;
        }
        if (result == 0)
                result = settle(&asked);
        if (result == 0)
                result = export(&asked, argv[first]);
        selection_deinit(&asked.selection);
        return result < 0 ? COMMAND_UNUSABLE : COMMAND_OK;
}

const struct command command_export = { &about, run };
