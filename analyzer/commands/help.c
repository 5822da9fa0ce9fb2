/*
 * memtrace help [COMMAND]
 */
#include "commands/command.h"

#include "base/message.h"

static const struct option_group *const groups[] = { NULL };

static const struct options_about about = {
        .command = "help",
        .usage = "help [COMMAND]",
        .summary = "Show what the commands are, or one command's options.",
        .groups = groups,
};

static int run(int argc, char **argv) {
        const struct command *command;
        int first;
        int result = options_parse(&about, OPTIONS_ANYWHERE, argc, argv, NULL, &first);

        if (result != 0)
                return result == OPTIONS_HELPED ? COMMAND_OK : COMMAND_UNUSABLE;
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
