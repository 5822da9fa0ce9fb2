/*
 * The one list of commands.
 */
#include "commands/command.h"

#include <string.h>

const struct command *const commands[] = {
        &command_run,     &command_ctl,       &command_report,   &command_diff,
        &command_growth,  &command_check,     &command_annotate, &command_callers,
        &command_callees, &command_lifetimes, &command_plot,     &command_flamegraph,
        &command_html,    &command_export,    &command_import,   &command_snapshot,
        &command_merge,   &command_list,      &command_peak,     &command_rm,
        &command_clean,   &command_verify,    &command_help,     NULL,
};

const struct command *command_find(const char *name) {
        for (size_t i = 0; commands[i]; i++)
                if (strcmp(commands[i]->about->command, name) == 0)
                        return commands[i];
        return NULL;
}

void command_overview(FILE *stream) {
        fputs("Usage: memtrace COMMAND [OPTIONS] [OPERANDS]\n\nCommands:\n", stream);
        for (size_t i = 0; commands[i]; i++)
                fprintf(stream, "  %-10s %s\n", commands[i]->about->command, commands[i]->about->summary);
        fputs("\nmemtrace COMMAND --help, or man memtrace-COMMAND, says more. memtrace --version tells the "
              "version.\n",
              stream);
}
