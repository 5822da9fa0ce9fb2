/*
 * The part of a summary that is of the program's own heaps.
 *
 * Must not: print.
 */
#ifndef ANALYZER_AGGREGATE_SUMMARY_DOMAINS_H
#define ANALYZER_AGGREGATE_SUMMARY_DOMAINS_H

#include "aggregate/summary.h"

/* The figures, which are the heap's by its end, become those of all that are taken; each has an end. */
void summary_domains_sum(struct summary *summary, const struct trace *trace);

/* Lists them. 0; a negative errno already reported; READER_E_BUDGET. */
int summary_domains_make(struct summary *summary, struct trace *trace);

void summary_domains_free(struct summary *summary);

#endif
