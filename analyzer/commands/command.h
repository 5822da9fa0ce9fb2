/*
 * The commands of memtrace: one file each, listed by one table, none knows another.
 *
 * Must not: hold anything two commands would share.
 */
#ifndef ANALYZER_COMMANDS_COMMAND_H
#define ANALYZER_COMMANDS_COMMAND_H

#include "base/options.h"

enum command_exit {
        COMMAND_OK = 0,
        COMMAND_FAILED = 1,   /* what was checked does not hold */
        COMMAND_UNUSABLE = 2, /* wrong use, or unreadable input */
};

struct command {
        const struct options_about *about;
        int (*run)(int argc, char **argv); /* argv[0] is the command's name; an exit code */
};

extern const struct command *const commands[]; /* ends with NULL */

extern const struct command command_run, command_report, command_diff, command_growth, command_annotate,
        command_callers, command_check, command_export, command_import, command_flamegraph, command_callees,
        command_lifetimes, command_merge, command_plot, command_html, command_snapshot, command_list,
        command_peak, command_ctl, command_rm, command_clean, command_verify, command_help;

const struct command *command_find(const char *name);

/* The overview that `help` and a lone `memtrace` print. */
void command_overview(FILE *stream);

#endif
