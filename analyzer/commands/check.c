/*
 * memtrace check TRACE...: judges runs by limits, a baseline and their growth, and exits by the verdict.
 */
#include "commands/command.h"

#include "base/array.h"
#include "base/message.h"
#include "base/terminal.h"
#include "base/whole.h"
#include "render/check.h"
#include "select/checking.h"
#include "select/framing.h"
#include "select/listing.h"
#include "select/selection.h"
#include "select/sourcing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum index { FORMAT, WRITE, SHOW, QUIET, SUGGEST, COLOR };

static const struct option_spec specs[] = {
        [FORMAT] = { "format", 'f', "FORMAT", "how it is printed:", check_format_names },
        [WRITE] = { "write", 'w', "FORMAT=FILE", "into a file in that format, too; as often as needed",
                    NULL },
        [SHOW] = { "show", 'n', "N", "show the N worst places of each check (10)", NULL },
        [QUIET] = { "quiet", 'q', NULL, "say nothing of what passed", NULL },
        [SUGGEST] = { "suggest", 0, NULL, "print suppressions for what failed instead", NULL },
        [COLOR] = { "color", 0, "WHEN", "colour the text: auto (on a terminal), always or never",
                    terminal_color_names },
        { 0 },
};

/* An output besides that on stdout. */
struct copy {
        enum check_format format;
        const char *path;
};

struct asked {
        struct checking checking;
        struct selection selection;
        struct framing framing;
        struct sources sources;
        enum check_format format;
        bool format_given, quiet, suggest;
        size_t show;
        struct copy *copies;
        size_t copy_count, copies_capacity;
};

/* Where a file would be written over by the next. */
static int refuse_copies(const struct asked *asked) {
        for (size_t i = 0; i < asked->copy_count; i++) {
                const char *path = asked->copies[i].path;

                if (whole_same(path, "/proc/self/fd/1")) {
                        message("check: --write %s: that is where the output goes; use --format", path);
                        return -EINVAL;
                }
                for (size_t k = 0; k < i; k++)
                        if (strcmp(asked->copies[k].path, path) == 0) {
                                message("check: --write %s is given twice", path);
                                return -EINVAL;
                        }
        }
        return 0;
}

static int take_copy(struct asked *asked, const char *value) {
        const char *equals = strchr(value, '=');
        char *name = equals ? strndup(value, (size_t)(equals - value)) : NULL;
        int format = name ? options_choice(name, check_format_names) : -1;

        free(name);
        if (format < 0 || !equals[1]) {
                message("check: --write %s: write FORMAT=FILE, such as junit=check.xml", value);
                return -EINVAL;
        }
        if (array_reserve(&asked->copies, &asked->copies_capacity, asked->copy_count + 1,
                          sizeof(*asked->copies)) < 0)
                return message_errno(ENOMEM, value, "cannot keep it");
        asked->copies[asked->copy_count++] = (struct copy){ (enum check_format)format, equals + 1 };
        return 0;
}

static int take_option(void *context, size_t index, const char *value) {
        struct asked *asked = context;
        int choice = specs[index].choices ? options_choose("check", &specs[index], value) : 0;

        if (choice < 0)
                return choice;
        switch ((enum index)index) {
        case FORMAT:
                asked->format = (enum check_format)choice;
                asked->format_given = true;
                return 0;
        case WRITE:
                return take_copy(asked, value);
        case SHOW:
                return listing_take_count("check", specs[SHOW].name, value, &asked->show);
        case QUIET:
                asked->quiet = true;
                return 0;
        case SUGGEST:
                asked->suggest = true;
                return 0;
        case COLOR:
                terminal_choose((enum terminal_color)choice);
                return 0;
        }
        return -EINVAL;
}

static const struct option_group own_options = { specs, take_option };
static const struct option_group *const groups[] = { &checking_options, &own_options,      &selection_options,
                                                     &framing_options,  &sourcing_options, NULL };

static const struct options_about about = {
        .command = "check",
        .usage = "check [OPTIONS] TRACE...",
        .summary =
                "Judge runs by limits, a baseline or their growth; exit with 1 where one fails, 2 where it "
                "cannot be told.",
        .groups = groups,
        .lacks = (const char *const[]){ "include", "exclude", "function", "module", "thread", "all-frames",
                                        "most-recent-first", NULL },
};

static int settle(struct asked *asked) {
        int error = selection_settle(&asked->selection);

        if (error == 0 && asked->suggest && (asked->format_given || asked->copy_count > 0)) {
                message("check: --suggest prints suppressions instead of a --format, and writes no files");
                error = -EINVAL;
        }
        if (error == 0)
                error = refuse_copies(asked);
        return error == 0 ? checking_settle(&asked->checking) : error;
}

static int write_copy(const struct copy *copy, const struct checks *checks,
                      const struct check_output *output) {
        struct whole whole;
        int error;

        for (size_t i = 0; i < checks->trace_count; i++)
                if (whole_same(copy->path, checks->traces[i])) {
                        message("%s: is judged, and is not written over", copy->path);
                        return -EINVAL;
                }
        error = whole_begin_again(&whole, copy->path);
        if (error < 0)
                return error;
        return whole_end(&whole, check_print(copy->format, checks, output, whole.stream));
}

static int show(struct asked *asked, const struct checks *checks) {
        char *root = check_output_root();
        const struct check_output output = {
                .limit = asked->show,
                .frame_limit = asked->framing.limit ? asked->framing.limit : CHECK_OUTPUT_FRAMES,
                .quiet = asked->quiet,
                .sources = &asked->sources,
                .root = root,
        };
        int error = 0;

        for (size_t i = 0; error == 0 && i < asked->copy_count; i++)
                error = write_copy(&asked->copies[i], checks, &output);
        if (error == 0)
                error = check_print(asked->format, checks, &output, stdout);
        free(root);
        return error;
}

static int print_suggestions(const struct judge *judge) {
        struct suggest suggest;
        int error = judge_suggest(judge, &suggest);

        if (error == 0 && checks_verdict(&judge->checks) == CHECK_FAILED && suggest.count == 0 &&
            suggest.unknown_blocks == 0)
                message("check: what failed is nothing that suppressions concern");
        if (error == 0)
                error = suggest_write(&suggest, stdout);
        suggest_deinit(&suggest);
        return error;
}

static int check(struct asked *asked, char *const *operands, size_t count) {
        struct judge_wish wish = checking_wish(&asked->checking);
        struct judge judge;
        int result;

        wish.frame = asked->selection.frame;
        wish.skips = &asked->selection.skips;
        asked->selection.domains.several = true; /* what it is compared with counts too */
        wish.domains = &asked->selection.domains;
        wish.finding_limit = asked->suggest ? SIZE_MAX : asked->show;
        result = judge_traces(operands, count, &wish, &judge);
        if (result == 0) {
                selection_tell_unmatched(&asked->selection);
                result = asked->suggest ? print_suggestions(&judge) : show(asked, &judge.checks);
        }
        if (result == 0)
                result = (int)checks_verdict(&judge.checks);
        judge_deinit(&judge);
        return result < 0 ? COMMAND_UNUSABLE : result;
}

static int run(int argc, char **argv) {
        struct asked asked = {
                .selection.command = "check",
                .framing.command = "check",
                .show = CHECK_OUTPUT_FINDINGS,
        };
        void *const contexts[] = { &asked.checking, &asked, &asked.selection, &asked.framing,
                                   &asked.sources };
        int first, result;

        checking_init(&asked.checking, "check");
        result = options_parse(&about, OPTIONS_ANYWHERE, argc, argv, contexts, &first);
        if (result == 0 && first == argc) {
                message("check: a trace is needed; see memtrace check --help");
                result = -EINVAL;
        }
        if (result == 0)
                result = settle(&asked);
        if (result == 0)
                result = check(&asked, argv + first, (size_t)(argc - first));
        else
                result = result < 0 ? COMMAND_UNUSABLE : COMMAND_OK;
        free(asked.copies);
        sources_deinit(&asked.sources);
        selection_deinit(&asked.selection);
        checking_deinit(&asked.checking);
        return result;
}

const struct command command_check = { &about, run };
