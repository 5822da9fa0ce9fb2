/*
 * The heaps of a trace: malloc's, which is domain 0, and those that the program reports by itself. Which of
 * them are looked at is decided here alone: the sites of the others are as if they were not there, for
 * replay/ and whatever rests on it. That is the heap alone until somebody takes others.
 *
 * Must not: look at an event.
 */
#ifndef ANALYZER_READER_DOMAINS_H
#define ANALYZER_READER_DOMAINS_H

#include "reader/trace.h"

#define DOMAINS_MOST (MTR_DOMAIN_MAX + 1u)
#define DOMAINS_HEAP "heap"
#define DOMAINS_REPORTED_HEAP "heap (reported)" /* one that the program gave the name of malloc's */

/* What MTR_DOMAIN_ENDS tells of one. */
struct trace_domain_end {
        uint64_t allocations, frees, temporary;
        uint64_t allocated_bytes, peak_bytes, live_bytes, live_blocks;
        uint64_t foreign_frees; /* of blocks that were never reported, or not any more */
        uint64_t doubles;       /* blocks that were reported where one was live */
};

struct trace_domain {
        char *name; /* DOMAINS_HEAP, the program's, or "domain N" where it has none; NULL where not `known` */
        bool known; /* there is a site of it, a name or an end; the heap is always */
        bool taken;
        bool has_end;
        struct trace_domain_end end;
};

/* The domain's number. */
static inline uint32_t domains_of_kind(uint8_t kind) {
        return kind < MTR_KIND_DOMAIN ? 0 : kind - MTR_KIND_DOMAIN + 1;
}

/* The domain of a number below DOMAINS_MOST, known from here on. NULL: no memory, not reported. */
struct trace_domain *domains_reach(struct trace *trace, uint32_t number);

/* By number; NULL: the trace has none but the heap, or no such one. */
static inline const struct trace_domain *domains_get(const struct trace *trace, uint32_t number) {
        return trace->domains && number < DOMAINS_MOST && trace->domains[number].known
                       ? &trace->domains[number]
                       : NULL;
}

static inline bool domains_take_site(const struct trace *trace, uint32_t site) {
        return !trace->left_out || !trace->left_out[site];
}

static inline bool domains_taken(const struct trace *trace, uint32_t number) {
        return trace->domains ? trace->domains[number].taken : number == 0 && !trace->beyond_heap;
}

/* Whether just the heap is taken, which blocks' headers and the end speak of. */
static inline bool domains_are_heap(const struct trace *trace) {
        return !trace->beyond_heap;
}

/* From here on those, by number; NULL: the heap alone. 0 or -ENOMEM, reported; then nothing changes. */
int domains_take(struct trace *trace, const bool *taken);

/* Whether every known domain that is taken has an end; the heap's is MTR_END. */
bool domains_have_ends(const struct trace *trace);

/* For trace.c: when all is read, and at its end. 0 or -ENOMEM, reported. */
int domains_settle(struct trace *trace);
void domains_free(struct trace *trace);

#endif
