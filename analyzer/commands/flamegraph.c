/*
 * memtrace flamegraph TRACE[@WHEN], or with --diff two of them: whole stacks as a picture. What cannot go
 * together is refused, so that no option is ever without effect.
 */
#include "commands/command.h"

#include "base/memo.h"
#include "base/message.h"
#include "render/difference.h"
#include "render/flamegraph.h"
#include "render/render.h"
#include "select/calls.h"
#include "select/picture.h"
#include "select/series.h"
#include "select/tally.h"

#include <errno.h>
#include <stdlib.h>

#define LEAST_SHARE 0.001 /* of all, where the user wants no other */
#define FRAMES_MOST 20000 /* what browsers draw without delay */

enum index { FROM, TO, DIFF, INVERTED, FOLD_RECURSION, MIN };

static const struct option_spec specs[] = {
        [FROM] = { "from", 0, "WHEN", "only what happened after this moment, up to --to", NULL },
        [TO] = { "to", 0, "WHEN", "the same as TRACE@WHEN; the end where only --from is given", NULL },
        [DIFF] = { "diff", 'd', NULL, "two operands: what changed from the first to the second", NULL },
        [INVERTED] = { "inverted", 'i', NULL, "from the frames that allocate down to their callers", NULL },
        [FOLD_RECURSION] = { "fold-recursion", 0, NULL, "a function that calls itself is one frame", NULL },
        [MIN] = { "min", 0, "N%", "leave out frames narrower than that share of all; 0.1% if not given",
                  NULL },
        { 0 },
};

struct own {
        bool diff, inverted, fold_recursion;
        double least_share; /* 0 to 1 */
        struct moment from, to;
};

static int take_least(struct own *own, const char *value) {
        char *rest;
        double percent = *value >= '0' && *value <= '9' ? strtod(value, &rest) : -1;

        if (percent < 0 || percent > 100 || rest[0] != '%' || rest[1] != '\0') {
                message("flamegraph: --min %s is no percentage such as 0.5%%", value);
                return -EINVAL;
        }
        own->least_share = percent / 100;
        return 0;
}

static int take_option(void *context, size_t index, const char *value) {
        struct own *own = context;

        switch ((enum index)index) {
        case FROM:
                return moment_read(value, &own->from);
        case TO:
                return moment_read(value, &own->to);
        case DIFF:
                own->diff = true;
                return 0;
        case INVERTED:
                own->inverted = true;
                return 0;
        case FOLD_RECURSION:
                own->fold_recursion = true;
                return 0;
        case MIN:
                return take_least(own, value);
        }
        return -EINVAL;
}

static const struct option_group own_options = { specs, take_option };
static const struct option_group *const groups[] = { &grouping_options, &selection_options, &picture_options,
                                                     &own_options, NULL };

static const struct options_about about = {
        .command = "flamegraph",
        .usage = "flamegraph [OPTIONS] [--diff BEFORE[@WHEN]] TRACE[@WHEN]",
        .summary = "Draw which stacks hold a program's memory, as an SVG that can be searched and zoomed.",
        .groups = groups,
        .lacks = (const char *const[]){ "cumulative", "by=traceback", "by=size", "by=thread", "by=domain",
                                        "sort=average", NULL },
};

struct asked {
        struct grouping grouping;
        struct selection selection;
        struct picture picture;
        struct own own;
        enum aggregate_by by; /* what makes two frames one */
};

/* What cannot go together, in words; NULL: all can. */
static const char *contradiction(const struct asked *asked) {
        if (asked->grouping.cumulative)
                return "--cumulative is for tables: a frame holds what those above it hold anyway";
        if (asked->grouping.sort == AGGREGATE_BY_AVERAGE)
                return "--sort average is for tables: frames are sorted by size, count or place";
        if (asked->own.diff && (asked->own.from.given || asked->own.to.given))
                return "--from and --to go without --diff, which has its own two moments";
        return NULL;
}

static int settle(struct asked *asked) {
        const char *wrong;
        int error = calls_settle(&asked->grouping);

        if (error == 0)
                error = selection_settle(&asked->selection);
        if (error == 0)
                error = picture_settle(&asked->picture);
        wrong = error == 0 ? contradiction(asked) : NULL;
        if (wrong) {
                message("flamegraph: %s", wrong);
                error = -EINVAL;
        }
        /* stacks are added up line by line, so that a frame can tell its lines */
        asked->by = asked->grouping.by;
        asked->grouping.paths = !asked->own.diff;
        asked->grouping.by = asked->own.diff ? AGGREGATE_TRACEBACK : AGGREGATE_FUNCTION_LINE;
        return error;
}

/* What lines say, in one: pictures have no room for more. Takes it over. Heap; NULL: no memory. */
static char *join_lines(char *lines) {
        char *text = NULL;
        size_t bytes;
        FILE *stream = memo_stream(&text, &bytes);

        for (const char *at = lines; stream && *at; at++) {
                bool ends = *at == '\n', padded = *at == ' ' && (at[1] == ' ' || at[1] == '\n');

                if (ends && at[1])
                        fputs("; ", stream);
                else if (!ends && !padded)
                        fputc(*at, stream);
        }
        free(lines);
        if (stream && fclose(stream) == 0)
                return text;
        free(text);
        return NULL;
}

static int no_memory(const char *subject) {
        return message_errno(ENOMEM, subject, "cannot draw");
}

static int draw(struct asked *asked, struct flame *flame, const char *subject, const char *title,
                const char *subtitle) {
        const struct flamegraph graph = {
                .flame = flame,
                .title = asked->picture.title ? asked->picture.title : title,
                .subtitle = subtitle,
                .width = asked->picture.width,
                .difference = asked->own.diff,
        };
        struct picture_file file;
        int error = flame_finish(flame, asked->own.least_share, FRAMES_MOST);

        if (error == 0 && flame->frames[FLAME_ROOT].width == 0) {
                message("flamegraph: %s: nothing to draw: %s", subject, subtitle);
                error = -ENODATA;
        }
        if (error == 0)
                error = picture_begin(&file, &asked->picture, subject, "flamegraph");
        return error < 0 ? error : picture_end(&file, flamegraph_svg(&graph, file.stream));
}

static void begin(const struct asked *asked, struct flame *flame) {
        flame_init(flame, &(struct flame_wish){ .by = asked->by,
                                                .sort = asked->grouping.sort,
                                                .by_count = asked->grouping.cost == AGGREGATE_COUNT,
                                                .inverted = asked->own.inverted,
                                                .fold_recursion = asked->own.fold_recursion });
}

/* Heap; NULL: no memory. */
static char *describe(const struct report *report) {
        char *text = NULL;
        size_t bytes;
        FILE *stream = memo_stream(&text, &bytes);
        int error;

        if (!stream)
                return NULL;
        error = render_what(report, stream);
        render_sum(report, stream);
        if (render_is_flawed(report->summary)) {
                fputc('\n', stream);
                render_troubles(report->summary, "", stream);
        }
        if (fclose(stream) == 0 && error == 0)
                return join_lines(text);
        free(text);
        return NULL;
}

static int draw_tally(struct asked *asked, const char *operand, const struct state *state,
                      const struct tally *tally) {
        const struct aggregate *aggregate = &tally->aggregate;
        const struct report report = {
                .summary = &state->summary,
                .aggregate = aggregate,
                .moment = &state->moment,
                .time_ns = state->range.to_ns,
                .from = state->from.given ? &state->from : NULL,
                .from_ns = state->range.from_ns,
                .less = tally->net ? &tally->less : NULL,
        };
        char *subtitle = describe(&report);
        struct flame flame;
        int error = subtitle ? 0 : no_memory(operand);

        begin(asked, &flame);
        for (size_t i = 0; error == 0 && i < aggregate->count; i++) {
                const struct aggregate_entry *entry = &aggregate->entries[i];
                const struct compare_value now = { entry->size_bytes, entry->count };

                error = flame_add(&flame, aggregate, entry->node, now, (struct compare_value){ 0 });
        }
        if (error == 0)
                error = draw(asked, &flame, operand, state->summary.command, subtitle);
        flame_deinit(&flame);
        free(subtitle);
        return error;
}

static int draw_state(struct asked *asked, const char *operand) {
        struct state_wish wish = {
                .from = asked->own.from.given ? &asked->own.from : NULL,
                .to = asked->own.to.given ? &asked->own.to : NULL,
                .fallback = grouping_moment(&asked->grouping, asked->own.from.given),
        };
        struct state state;
        struct tally tally;
        int error = tally_open(operand, &asked->grouping, &asked->selection, &wish, &state);

        if (error < 0)
                return error;
        error = tally_make(&state, &asked->grouping, &asked->selection, &tally);
        if (error == 0) {
                selection_tell_unmatched(&asked->selection);
                error = draw_tally(asked, operand, &state, &tally);
                tally_deinit(&tally);
        }
        state_close(&state);
        return error;
}

static int draw_differences(struct asked *asked, const char *operand, const struct series *series,
                            const struct differences *differences) {
        char *subtitle = NULL;
        size_t bytes;
        FILE *stream = memo_stream(&subtitle, &bytes);
        struct flame flame;
        int error = stream ? difference_points(series, stream) : no_memory(operand);

        if (stream && fclose(stream) != 0 && error == 0)
                error = no_memory(operand);
        if (error == 0 && !(subtitle = join_lines(subtitle)))
                error = no_memory(operand);
        begin(asked, &flame);
        for (size_t i = 0; error == 0 && i < differences->count; i++) {
                const struct difference *item = &differences->items[i];
                const struct compare_value now = { item->entry.size_bytes, item->entry.count };

                error = flame_add(&flame, differences->places, item->entry.node, now, item->earlier);
        }
        if (error == 0)
                error = draw(asked, &flame, operand, series->points[1].summary->command, subtitle);
        flame_deinit(&flame);
        free(subtitle);
        return error;
}

static int draw_diff(struct asked *asked, char *const *operands) {
        struct differences differences;
        struct series series;
        int error = series_make(operands, 2, &asked->grouping, &asked->selection, &series);

        if (error < 0)
                return error;
        error = difference_make(&series.comparison, &differences);
        if (error == 0) {
                error = draw_differences(asked, operands[0], &series, &differences);
                difference_deinit(&differences);
        }
        series_deinit(&series);
        return error;
}

static int run(int argc, char **argv) {
        struct asked asked = { .grouping.command = "flamegraph",
                               .selection.command = "flamegraph",
                               .picture = { .command = "flamegraph", .width = FLAMEGRAPH_WIDTH },
                               .own.least_share = LEAST_SHARE };
        void *const contexts[] = { &asked.grouping, &asked.selection, &asked.picture, &asked.own };
        int first, result = options_parse(&about, OPTIONS_ANYWHERE, argc, argv, contexts, &first);

        if (result == 0 && argc - first != (asked.own.diff ? 2 : 1)) {
                message(asked.own.diff
                                ? "flamegraph: --diff needs two traces, or a trace and two moments of it"
                                : "flamegraph: one trace is needed; see memtrace flamegraph --help");
                result = -EINVAL;
        }
        if (result == 0)
                result = settle(&asked);
        if (result == 0)
                result = asked.own.diff ? draw_diff(&asked, argv + first) : draw_state(&asked, argv[first]);
        selection_deinit(&asked.selection);
        return result < 0 ? COMMAND_UNUSABLE : COMMAND_OK;
}

const struct command command_flamegraph = { &about, run };
