/*
 * What verify.c and verify_domains.c share.
 *
 * For commands/verify*.c alone.
 */
#ifndef ANALYZER_COMMANDS_VERIFY_H
#define ANALYZER_COMMANDS_VERIFY_H

#include "reader/domains.h"
#include "replay/replay.h"

/* Begins a line about the trace of that name, or about a domain of it; both are made harmless. */
void verify_begin_line(const char *name, const char *domain);

/* Whether a figure is not that of the end record, which is then said. */
bool verify_differs(const char *name, const char *domain, const char *what, const char *by, uint64_t found,
                    uint64_t end);

/* All that events tell of a heap; the number of figures that differ. */
unsigned verify_ends(const char *name, const char *domain, const struct trace_domain_end *found,
                     const struct trace_domain_end *end);

/*
 * Whether the trace's domains come to what it says of them, after its heap alone was replayed as `heap`. Adds
 * how many things cannot be to *wrong, and the domains' events to *events. What the program did wrong is no
 * damage, and said unless `quiet`. The trace then has all domains taken. Nothing of a trace that has none but
 * the heap. 0; a negative errno already reported; READER_E_BUDGET.
 */
int verify_domains(struct trace *trace, const struct replay *heap, bool quiet, uint64_t *wrong,
                   uint64_t *events);

#endif
