/*
 * memtrace snapshot VERB: the moments of a trace, and moments as files. Each verb has its own options; show
 * and diff are the commands that do the same for any moment.
 */
#include "commands/snapshot.h"

#include "base/message.h"
#include "select/listing.h"
#include "select/selection.h"

#include <string.h>

static const struct verb {
        const char *name;
        const struct command *own; /* or */
        const char *command;       /* of the table */
} verbs[] = {
        { "list", &snapshot_list, NULL },
        { "show", NULL, "report" },
        { "save", &snapshot_save, NULL },
        { "diff", NULL, "diff" },
};

/* The own verbs' options, for --help alone: each verb parses its own. */
static const struct option_group *const groups[] = { &snapshot_save_options, &selection_domain_options,
                                                     &listing_options, NULL };

static const struct command *find(const char *name) {
        for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
                if (strcmp(verbs[i].name, name) == 0)
                        return verbs[i].own ? verbs[i].own : command_find(verbs[i].command);
        return NULL;
}

static const struct options_about about;

static const struct options_about *verb_about(size_t index, const char **name) {
        const struct command *verb;

        if (index >= sizeof(verbs) / sizeof(*verbs))
                return NULL;
        *name = verbs[index].name;
        verb = find(*name);
        return verb ? verb->about : &about;
}

static const struct options_about about = {
        .command = "snapshot",
        .usage = "snapshot list|show|save|diff [OPTIONS] TRACE[@WHEN]...",
        .summary = "List the moments of a trace, show, save or compare them.",
        .groups = groups,
        .lacks = (const char *const[]){ "format=pstats", NULL },
        .verb = verb_about,
};

static int run(int argc, char **argv) {
        const char *name = argc > 1 ? argv[1] : "";
        const struct command *verb = find(name);

        if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
                options_help(&about, stdout);
                return COMMAND_OK;
        }
        if (verb)
                return verb->run(argc - 1, argv + 1);
        if (*name)
                message("snapshot: there is no verb %s: list, show, save or diff", name);
        else
                message("snapshot: list, show, save or diff? see memtrace snapshot --help");
        return COMMAND_UNUSABLE;
}

const struct command command_snapshot = { &about, run };
