/*
 * memtrace html TRACE: everything about a run on one page that stands by itself.
 */
#include "commands/command.h"

#include "base/message.h"
#include "base/path.h"
#include "base/whole.h"
#include "render/html.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define THREADS_MAX 4096u /* to tell apart */

enum index { OUTPUT, TITLE };

static const struct option_spec specs[] = {
        [OUTPUT] = { "output", 'o', "FILE", "the page (TRACE.html, here); -: standard output", NULL },
        [TITLE] = { "title", 0, "TEXT", "what stands above it, not the command line", NULL },
        { 0 },
};

struct own {
        const char *output, *title;
};

static int take_option(void *context, size_t index, const char *value) {
        struct own *own = context;

        if ((enum index)index == TITLE) {
                own->title = value;
                return 0;
        }
        if (strcmp(value, "-") != 0 && !path_ends_with(value, ".html") && !path_ends_with(value, ".htm")) {
                message("html: %s: what it writes is .html, or - for standard output", value);
                return -EINVAL;
        }
        own->output = value;
        return 0;
}

static const struct option_group own_options = { specs, take_option };
static const struct option_group *const groups[] = { &own_options, &selection_options, NULL };

static const struct options_about about = {
        .command = "html",
        .usage = "html [OPTIONS] TRACE[@WHEN]",
        .summary = "Make one page of a run: its curve, who held what when, lifetimes.",
        .groups = groups,
};

struct asked {
        struct own own;
        struct selection selection;
};

/* "app.html" for dir/app.mtr. Heap; NULL: no memory. */
static char *default_name(const char *trace_name) {
        const char *base = path_base(trace_name);
        char *name;

        return asprintf(&name, "%.*s.html", (int)path_stem(base, strlen(base)), base) < 0 ? NULL : name;
}

static int write_page(const struct html *html, const char *output) {
        struct whole whole;
        int error = whole_begin_or_stdout(&whole, output);

        return error < 0 ? error : whole_end(&whole, html_page(html, whole.stream));
}

static int save(const struct html *html, const char *output) {
        char *name = output ? strdup(output) : default_name(html->report->trace_name);
        int error = name ? write_page(html, name)
                         : message_errno(ENOMEM, html->report->trace_name, "cannot write its page");

        if (error == 0 && !output)
                message("saved as %s", name);
        free(name);
        return error;
}

static int show(struct asked *asked, struct state *state, bool many_threads) {
        const struct report report = {
                .trace_name = state->trace->reader->name,
                .summary = &state->summary,
                .moment = &state->moment,
                .time_ns = state->range.to_ns,
        };
        struct history history;
        struct html html = {
                .report = &report,
                .history = &history,
                .filter = &asked->selection.filter,
                .title = asked->own.title,
                .frame = asked->selection.leaf       ? "leaf"
                         : asked->selection.skip_std ? "skip-std"
                                                     : "user",
                .moment = state->when || state->moment.given,
                .many_threads = many_threads,
        };
        int error = history_make(state, &asked->selection, html.moment, &history);

        if (error < 0)
                return error;
        selection_tell_unmatched(&asked->selection);
        error = save(&html, asked->own.output);
        history_deinit(&history);
        return error;
}

/* Threads are told apart where there are several, not too many, and the trace tells. */
static int reach_threads(struct state *state, struct state_wish *wish, bool *many_threads) {
        const struct trace *trace = state->trace;
        size_t count = trace->tables[TRACE_THREADS].count;
        struct moment moment = state->moment;

        *many_threads = count > THREADS_MAX;
        if (state->when || state->range.more.by_thread || !trace->facts.tells_owners || *many_threads ||
            (count <= 1 && trace->reader->damage_count == 0))
                return 0;
        wish->by_thread = true;
        return state_move(&moment, wish, state);
}

static int open_and_show(struct asked *asked, const char *operand) {
        struct state_wish wish = { .fallback = MOMENT_END,
                                   .totals = true,
                                   .filter = &asked->selection.filter,
                                   .domains = &asked->selection.domains };
        struct state state;
        bool many_threads;
        int error = state_open(operand, &wish, &state);

        if (error < 0)
                return error;
        if (state.summary.allocations == 0) {
                message("%s: nothing was ever allocated, so there is nothing to show", operand);
                error = -ENODATA;
        }
        if (error == 0)
                error = reach_threads(&state, &wish, &many_threads);
        if (error == 0)
                error = show(asked, &state, many_threads);
        state_close(&state);
        return error;
}

static int run(int argc, char **argv) {
        struct asked asked = { .selection.command = "html" };
        void *const contexts[] = { &asked.own, &asked.selection };
        int first, result = options_parse(&about, OPTIONS_ANYWHERE, argc, argv, contexts, &first);

        if (result == 0 && argc - first != 1) {
                message("html: one trace is needed; see memtrace html --help");
                result = -EINVAL;
        }
        if (result == 0)
                result = selection_settle(&asked.selection);
        if (result == 0)
                result = open_and_show(&asked, argv[first]);
        selection_deinit(&asked.selection);
        return result < 0 ? COMMAND_UNUSABLE : COMMAND_OK;
}

const struct command command_html = { &about, run };
