/*
 * What may come next on a command line, for completions/, the shells' scripts. All of it comes from the
 * tables that the commands parse their options by.
 */
#ifndef ANALYZER_COMMANDS_HELP_COMPLETE_H
#define ANALYZER_COMMANDS_HELP_COMPLETE_H

#include <stdio.h>

/*
 * `words` are those of the line up to the cursor, the program's name first; the last is what is to be
 * completed, and may be empty. The answer is a line KIND TAB PREFIX and then a word a line. What KIND calls
 * for (files, traces or programs; words: nothing) the shell adds, behind PREFIX, which stands before each
 * word too.
 */
void help_complete(int count, char *const *words, FILE *stream);

#endif
