/*
 * The parts of a run that the program named, each with its begin and end: the trace's scopes, paired.
 *
 * Must not: print.
 */
#ifndef ANALYZER_REPLAY_SPANS_H
#define ANALYZER_REPLAY_SPANS_H

#include "reader/trace.h"

struct span {
        const char *name; /* borrowed from who told of it */
        uint64_t begin_ns, end_ns;
        bool has_begin, has_end; /* without: begin_ns is 0, end_ns is UINT64_MAX */
        size_t begin, end;       /* of spans_pair: which of the trace's scopes they are, where it has them */
};

/* One for each scope in `spans`, which has room for trace->scope_count: ends belong to the last begin of
 * their name and thread that has none. `count` is how many; in order of the begins, those without one where
 * they end. 0 or -ENOMEM. */
int spans_pair(const struct trace *trace, struct span *spans, size_t *count);

#endif
