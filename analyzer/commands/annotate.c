/*
 * memtrace annotate TRACE[@WHEN] [FILE|FUNCTION...]: the source, with what its lines hold beside it.
 */
#include "commands/annotate.h"

#include "base/message.h"
#include "commands/command.h"
#include "render/annotate.h"
#include "select/sourcing.h"

#include <errno.h>

#define PRECISION 3 /* as python -m memory_profiler has it */
#define PRECISION_MAX 9

enum index { CONTEXT, PRECISION_DIGITS };

static const struct option_spec specs[] = {
        [CONTEXT] = { "context", 'C', "N", "show only N lines around those with figures", NULL },
        [PRECISION_DIGITS] = { "precision", 0, "N", "digits of the MiB, 3 if not given", NULL },
        { 0 },
};

struct own {
        unsigned long long context_lines, precision;
        bool context_given;
};

static int take_option(void *context, size_t index, const char *value) {
        struct own *own = context;
        bool is_context = index == CONTEXT;
        unsigned long long most = is_context ? UINT32_MAX : PRECISION_MAX;

        if (options_number(value, 0, most, is_context ? &own->context_lines : &own->precision) < 0) {
                message("annotate: --%s %s is not a number from 0 to %llu", specs[index].name, value, most);
                return -EINVAL;
        }
        own->context_given |= is_context;
        return 0;
}

static const struct option_group own_options = { specs, take_option };
static const struct option_group *const groups[] = { &grouping_options, &listing_options, &selection_options,
                                                     &sourcing_options, &own_options,     NULL };

static const struct options_about about = {
        .command = "annotate",
        .usage = "annotate [OPTIONS] TRACE[@WHEN] [FILE|FUNCTION...]",
        .summary = "Show source with what its lines hold beside it, as memory_profiler does.",
        .groups = groups,
        .lacks = (const char *const[]){ "by=module", "by=traceback", "by=size", "by=thread", "by=domain",
                                        "format=pstats", NULL },
};

struct asked {
        struct grouping grouping;
        struct listing listing;
        struct selection selection;
        struct sources sources;
        struct own own;
};

/* What makes no sense, in words; NULL: all does. */
static const char *contradiction(const struct asked *asked) {
        enum aggregate_by by = asked->grouping.by;

        if (by != AGGREGATE_LINE && by != AGGREGATE_FUNCTION && by != AGGREGATE_FILE)
                return "source is shown --by function or file";
        if (asked->listing.format != LISTING_TEXT &&
            (asked->own.context_given || asked->own.precision != PRECISION))
                return "--context and --precision are for the text; json and csv have lines with figures, in "
                       "bytes";
        return NULL;
}

static int settle(struct asked *asked) {
        const char *wrong;
        int error = grouping_settle(&asked->grouping);

        if (error == 0)
                error = selection_settle(&asked->selection);
        wrong = error == 0 ? contradiction(asked) : NULL;
        if (wrong) {
                message("annotate: %s", wrong);
                error = -EINVAL;
        }
        return error;
}

/* A saved snapshot has them as well, but not by thread. */
static bool knows_highs(const struct asked *asked, const struct state *state) {
        return state->range.more.high_bytes && asked->selection.filter.counts[FILTER_THREAD] == 0;
}

static int render(struct asked *asked, struct state *state, const struct annotate_choice *choice) {
        const struct report report = {
                .trace_name = state->trace->reader->name,
                .summary = &state->summary,
                .aggregate = choice->has_files ? &choice->files.places : &choice->functions.places,
                .moment = &state->moment,
                .time_ns = state->range.to_ns,
                .sources = &asked->sources,
        };
        const struct annotate annotate = {
                .report = &report,
                .symbols = state->symbols,
                .tables = choice->tables,
                .table_count = choice->table_count,
                .context_lines = asked->own.context_given ? asked->own.context_lines : ANNOTATE_WHOLE,
                .has_highs = knows_highs(asked, state),
                .precision = (int)asked->own.precision,
        };
        int error;

        if (asked->listing.format == LISTING_JSON)
                error = annotate_json(&annotate, stdout);
        else if (asked->listing.format == LISTING_CSV)
                error = annotate_csv(&annotate, stdout);
        else
                error = annotate_text(&annotate, stdout);
        return error;
}

static int show(struct asked *asked, struct state *state, char *const *operands) {
        const struct annotate_wish wish = { &asked->grouping, &asked->listing, &asked->selection, operands };
        struct annotate_choice choice;
        int error = annotate_choose(state, &wish, &choice);

        if (error < 0)
                return error;
        selection_tell_unmatched(&asked->selection);
        if (!knows_highs(asked, state))
                message("%s: what was held at each call is not known by thread", state->trace->reader->name);
        error = render(asked, state, &choice);
        annotate_choice_deinit(&choice);
        return error;
}

static int open_and_show(struct asked *asked, char **operands) {
        struct state_wish wish = {
                .fallback = grouping_moment(&asked->grouping, false),
                .highs = true,
        };
        struct state state;
        int error = tally_open(operands[0], &asked->grouping, &asked->selection, &wish, &state);
        if (error < 0)
                return error;
        error = show(asked, &state, operands + 1);
        state_close(&state);
        return error;
}

static int run(int argc, char **argv) {
        struct asked asked = { .grouping.command = "annotate",
                               .listing.command = "annotate",
                               .selection.command = "annotate",
                               .own.precision = PRECISION };
        void *const contexts[] = { &asked.grouping, &asked.listing, &asked.selection, &asked.sources,
                                   &asked.own };
        int first, result = options_parse(&about, OPTIONS_ANYWHERE, argc, argv, contexts, &first);

        if (result == 0 && argc == first) {
                message("annotate: a trace is needed; see memtrace annotate --help");
                result = -EINVAL;
        }
        if (result == 0)
                result = settle(&asked);
        if (result == 0)
                result = open_and_show(&asked, argv + first);
        selection_deinit(&asked.selection);
        sources_deinit(&asked.sources);
        return result < 0 ? COMMAND_UNUSABLE : COMMAND_OK;
}

const struct command command_annotate = { &about, run };
