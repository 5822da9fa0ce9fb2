/*
 * memtrace callers and memtrace callees TRACE[@WHEN] [GLOB...]: who called whom, as pstats' print_callers and
 * print_callees: one question in two directions.
 */
#include "commands/command.h"

#include "base/message.h"
#include "render/pstats.h"

#include <errno.h>

static const struct option_group *const groups[] = { &grouping_options, &listing_options, &selection_options,
                                                     NULL };

static const char *const lacks[] = { "by=traceback", "by=size",       "by=thread",
                                     "by=domain",    "format=pstats", NULL };

static const struct options_about about_callers = {
        .command = "callers",
        .usage = "callers [OPTIONS] TRACE[@WHEN] [GLOB...]",
        .summary = "Show who called the functions that allocate, as pstats' print_callers.",
        .groups = groups,
        .lacks = lacks,
};

static const struct options_about about_callees = {
        .command = "callees",
        .usage = "callees [OPTIONS] TRACE[@WHEN] [GLOB...]",
        .summary = "Show what functions called that allocates, as pstats' print_callees.",
        .groups = groups,
        .lacks = lacks,
};

struct asked {
        const struct options_about *about;
        enum pstats_kind kind;
        struct grouping grouping;
        struct listing listing;
        struct selection selection;
        struct filter only;
};

static int settle(struct asked *asked, char *const *globs) {
        int error;

        /* what holds nothing itself is the first that is looked for among those that call */
        if (asked->kind == PSTATS_CALLEES && !asked->grouping.sort_given)
                asked->grouping.cumulative = true;
        error = calls_settle(&asked->grouping);
        if (error == 0)
                error = selection_settle(&asked->selection);
        for (size_t i = 0; error == 0 && globs[i]; i++)
                error = calls_restrict(&asked->grouping, &asked->only, globs[i]);
        return error;
}

static int render(const struct pstats *pstats, enum listing_format format) {
        switch (format) {
        case LISTING_JSON:
                return pstats_json(pstats, stdout);
        case LISTING_CSV:
                return pstats_csv(pstats, stdout);
        default:
                return pstats_text(pstats, stdout);
        }
}

static int show(struct asked *asked, struct state *state) {
        struct calls calls;
        int error =
                calls_make(state, &asked->grouping, &asked->selection, &asked->listing, &asked->only, &calls);
        const struct report report = {
                .trace_name = state->trace->reader->name,
                .summary = &state->summary,
                .aggregate = &calls.tally.aggregate,
                .moment = &state->moment,
                .time_ns = state->range.to_ns,
        };

        if (error < 0)
                return error;
        selection_tell_unmatched(&asked->selection);
        for (size_t i = 0; i < asked->only.count; i++)
                if (!asked->only.globs[i].matched)
                        message("%s: %s matches nothing here", asked->about->command,
                                asked->only.globs[i].given);
        error = render(&(struct pstats){ &report, &calls, asked->kind }, asked->listing.format);
        calls_deinit(&calls);
        return error;
}

static int open_and_show(struct asked *asked, const char *operand) {
        struct state_wish wish = { .fallback = grouping_moment(&asked->grouping, false) };
        struct state state;
        int error = tally_open(operand, &asked->grouping, &asked->selection, &wish, &state);

        if (error < 0)
                return error;
        error = show(asked, &state);
        state_close(&state);
        return error;
}

static int run(const struct options_about *about, enum pstats_kind kind, int argc, char **argv) {
        struct asked asked = { .about = about,
                               .kind = kind,
                               .grouping.command = about->command,
                               .listing.command = about->command,
                               .selection.command = about->command };
        void *const contexts[] = { &asked.grouping, &asked.listing, &asked.selection };
        int first, result = options_parse(about, OPTIONS_ANYWHERE, argc, argv, contexts, &first);

        if (result == 0 && argc == first) {
                message("%s: a trace is needed; see memtrace %s --help", about->command, about->command);
                result = -EINVAL;
        }
        if (result == 0)
                result = settle(&asked, argv + first + 1);
        if (result == 0)
                result = open_and_show(&asked, argv[first]);
        filter_deinit(&asked.only);
        selection_deinit(&asked.selection);
        return result < 0 ? COMMAND_UNUSABLE : COMMAND_OK;
}

static int run_callers(int argc, char **argv) {
        return run(&about_callers, PSTATS_CALLERS, argc, argv);
}

static int run_callees(int argc, char **argv) {
        return run(&about_callees, PSTATS_CALLEES, argc, argv);
}

const struct command command_callers = { &about_callers, run_callers };
const struct command command_callees = { &about_callees, run_callees };
