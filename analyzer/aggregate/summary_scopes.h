/*
 * Scopes of which a program told one half and should have told both: ends without a begin, and begins without
 * an end although the program exited. A program that was killed or replaced ends nothing, a fork child may
 * end what its parent began, and where events are missing, so may the other halves be: none of these is
 * counted.
 *
 * Must not: print.
 */
#ifndef ANALYZER_AGGREGATE_SUMMARY_SCOPES_H
#define ANALYZER_AGGREGATE_SUMMARY_SCOPES_H

#include "reader/trace.h"

#define SUMMARY_SCOPE_NAMES 3u

struct summary_scopes {
        uint64_t ends, begins;                  /* that have no other half */
        const char *names[SUMMARY_SCOPE_NAMES]; /* the first of theirs, each once; the trace's, or the
                                                   snapshot's */
        size_t name_count;
        bool more_names;
};

/* Adds a name, which has to live as long; again, or after the last that there is room for, it is not kept. */
void summary_scopes_note(struct summary_scopes *scopes, const char *name);

/* 0, or -ENOMEM, which is not reported. */
int summary_scopes_count(const struct trace *trace, struct summary_scopes *scopes);

#endif
