/*
 * The verbs of memtrace snapshot that are its own; the others are commands by themselves.
 *
 * For commands/snapshot*.c alone.
 */
#ifndef ANALYZER_COMMANDS_SNAPSHOT_H
#define ANALYZER_COMMANDS_SNAPSHOT_H

#include "commands/command.h"

extern const struct command snapshot_list, snapshot_save;
extern const struct option_group snapshot_save_options;

#endif
