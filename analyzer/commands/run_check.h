/*
 * memtrace run --check: the traces of a run, judged by a file of rules as soon as the program has ended.
 *
 * Must not: run it.
 */
#ifndef ANALYZER_COMMANDS_RUN_CHECK_H
#define ANALYZER_COMMANDS_RUN_CHECK_H

#include "launch/output.h"
#include "select/checking.h"

/* Reads the rules. 0 or a negative errno already reported; to checking_deinit() either way. */
int run_check_begin(struct checking *checking, const char *path);

/* Where the traces go when nobody says: names that no other run gives. Heap; NULL: no memory. */
char *run_check_output(void);

/*
 * Judges all that was traced, and says on stderr what came of it; `quiet`: where something failed. An exit
 * code.
 */
int run_check_end(struct checking *checking, const struct output_traces *found, bool quiet);

#endif
