/*
 * What is known of a whole run as rows: the run itself, its threads and its marks.
 *
 * Must not: count anything.
 */
#ifndef ANALYZER_RENDER_EXPORT_SQL_FACTS_H
#define ANALYZER_RENDER_EXPORT_SQL_FACTS_H

#include "state/state.h"

#include <stdio.h>

/* The row of the thread that nobody knows. */
uint64_t sql_facts_no_thread(const struct trace *trace);

/* `name` is what the user calls the trace. 0 or a negative errno already reported. */
int sql_facts_put(const struct state *state, uint64_t run, const char *name, FILE *stream);

#endif
