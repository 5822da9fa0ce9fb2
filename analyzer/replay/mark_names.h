/*
 * What the user has to write after the @ for each mark and snapshot of a trace: its name, with #2 where it is
 * the second of that name, and with #1 where the plain name means something else.
 *
 * Must not: print.
 */
#ifndef ANALYZER_REPLAY_MARK_NAMES_H
#define ANALYZER_REPLAY_MARK_NAMES_H

#include "reader/trace.h"

/* One for each of the trace's marks, for mark_names_free(). NULL after a report: no memory. */
char **mark_names_new(const struct trace *trace);
void mark_names_free(const struct trace *trace, char **names);

#endif
