/*
 * The one list of commands.
 */
#include "commands/command.h"

#include "base/message.h"

#include <string.h>

const struct command *const commands[] = {
        &command_run, &command_report, &command_verify, &command_help, NULL,
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

int command_failed(const char *path, int error) {
        if (error > 0)
                message("%s: %s", path, reader_error_text(error));
        return COMMAND_UNUSABLE;
}

int command_open(const char *path, struct trace **trace) {
        int error = trace_open(path, trace);

        if (error != 0)
                return command_failed(path, error);
        if ((*trace)->reader->running)
                message("%s: process %u is still running; this is what it did so far", path,
                        (*trace)->reader->header.pid);
        return COMMAND_OK;
}
