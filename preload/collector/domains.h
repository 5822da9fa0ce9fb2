/*
 * The domains that a process reports: its own heaps beside that of malloc, each paired by itself and with
 * totals of its own.
 *
 * Runs in the collector's one thread. Must not: trust a name or a number of the process.
 */
#ifndef MEMTRACE_COLLECTOR_DOMAINS_H
#define MEMTRACE_COLLECTOR_DOMAINS_H

#include "collector/trace.h"

/* A REPORT_ALLOC or REPORT_FREE of the batch. Without memory the trace is starved. */
void domains_report(struct trace *trace, const struct cursor *cursor, const struct record *record);

/* A REPORT_CLEAR of the cursor's thread; all that came before it is in the stream. */
void domains_clear(struct trace *trace, const struct cursor *cursor, const struct record *record);

/* An event was staged whose block is of this heap, which is a domain's. */
void domains_account(struct trace *trace, struct heap *heap, enum mtr_event event, uint32_t site);

/* Append the rows of MTR_DOMAIN_ENDS or, of all there are, of MTR_DOMAINS. False: no memory. */
bool domains_ends(const struct trace *trace, struct buffer *payload);
bool domains_names(const struct trace *trace, struct buffer *payload);

/* The block was written: other names follow. */
void domains_block_begin(struct domains *domains);

void domains_deinit(struct domains *domains);

/* The heap of the domain at a place in the order in which they were first reported, NULL behind the last. */
static inline struct heap *domains_heap(const struct domains *domains, uint32_t place) {
        return place < domains->count ? &domains->in_order[place]->heap : NULL;
}

#endif
