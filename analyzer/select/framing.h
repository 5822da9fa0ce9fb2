/*
 * How tracebacks are shown: --frames and --most-recent-first, which all commands that show whole stacks have
 * in common.
 *
 * Must not: open anything.
 */
#ifndef ANALYZER_SELECT_FRAMING_H
#define ANALYZER_SELECT_FRAMING_H

#include "aggregate/aggregate.h"
#include "base/options.h"

struct framing {
        const char *command; /* for messages */
        size_t limit;        /* as given; 0: all */
        bool most_recent_first;
};

/* Its context is a struct framing with its command set. */
extern const struct option_group framing_options;

/* 0, or -EINVAL, reported: there are no tracebacks to show. */
int framing_settle(const struct framing *framing, enum aggregate_by by);

/* How many frames of a traceback are shown. */
size_t framing_limit(const struct framing *framing);

#endif
