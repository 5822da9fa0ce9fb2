/*
 * memtrace help [COMMAND], and what the shells' completion asks.
 */
#include "commands/command.h"

#include "base/message.h"
#include "commands/help_complete.h"

#include <stdbool.h>

enum index { COMPLETE };

static const struct option_spec specs[] = {
        [COMPLETE] = { "complete", 0, NULL,
                       "say what may end the words that follow, for the shells' completion", NULL },
        { 0 },
};

static int take_option(void *context, size_t index, const char *value) {
        *(bool *)context = true;
        return 0;
}

static const struct option_group options = { specs, take_option };
static const struct option_group *const groups[] = { &options, NULL };

static const struct options_about about = {
        .command = "help",
        .usage = "help [OPTIONS] [COMMAND]",
        .summary = "Show what the commands are, or one command's options.",
        .groups = groups,
};

static int run(int argc, char **argv) {
        bool complete = false;
        void *const contexts[] = { &complete };
        const struct command *command;
        int first;
        int result = options_parse(&about, OPTIONS_ANYWHERE, argc, argv, contexts, &first);

        if (result != 0)
                return result == OPTIONS_HELPED ? COMMAND_OK : COMMAND_UNUSABLE;
        if (complete) {
                help_complete(argc - first, argv + first, stdout);
                return COMMAND_OK;
        }
        if (first == argc) {
                command_overview(stdout);
                return COMMAND_OK;
        }
        command = command_find(argv[first]);
        if (!command) {
                message("help: there is no command %s", argv[first]);
                return COMMAND_UNUSABLE;
        }
        options_help(command->about, stdout);
        return COMMAND_OK;
}

const struct command command_help = { &about, run };
