/*
 * memtrace: finds the command and leaves the rest to it. Called memtrace-report, a lone trace
 * means `report`.
 *
 * Must not: know any command but by the table.
 */
#include "base/message.h"
#include "base/path.h"
#include "base/progress.h"
#include "base/terminal.h"
#include "base/whole.h"
#include "commands/command.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A full disk shows itself here at the latest: half a report must not look like a whole one. */
static int finish(int result) {
        int error = whole_flush(stdout);

        progress_end();
        if (error == 0)
                return result;
        message("cannot write the output: %s", strerror(-error));
        return result > COMMAND_UNUSABLE ? result : COMMAND_UNUSABLE;
}

/* To a few milliseconds, and cheap. */
static uint64_t now_ns(void) {
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
        return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int main(int argc, char **argv) {
        bool as_report = argc > 0 && strcmp(path_base(argv[0]), "memtrace-report") == 0;
        const char *name = argc > 1 ? argv[1] : NULL;
        const struct command *command;

        /* elfutils would ask the servers named there for every module: never unasked */
        unsetenv("DEBUGINFOD_URLS");
        if (terminal_can_draw(STDERR_FILENO, PROGRESS_COLUMNS))
                progress_show(stderr, now_ns);
        if (name && strcmp(name, "--version") == 0) {
                puts("memtrace " MEMTRACE_VERSION);
                return finish(COMMAND_OK);
        }
        if (name && (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)) {
                if (as_report)
                        options_help(command_report.about, stdout);
                else
                        command_overview(stdout);
                return finish(COMMAND_OK);
        }
        command = name ? command_find(name) : NULL;
        if (!command && as_report && name)
                return finish(command_report.run(argc, argv));
        if (!name) {
                command_overview(stderr);
                return COMMAND_UNUSABLE;
        }
        if (!command) {
                message("there is no command %s; see memtrace help", name);
                return COMMAND_UNUSABLE;
        }
        return finish(command->run(argc - 1, argv + 1));
}
