/*
 * What `memtrace report` was asked for: its options, taken and held against each other.
 *
 * Must not: open the trace.
 */
#ifndef ANALYZER_COMMANDS_REPORT_OPTIONS_H
#define ANALYZER_COMMANDS_REPORT_OPTIONS_H

#include "aggregate/aggregate.h"
#include "base/options.h"
#include "replay/range.h"

enum report_format { REPORT_TEXT, REPORT_JSON, REPORT_CSV };

struct report_options {
        struct aggregate_wish wish; /* its filter is the one below */
        struct filter filter, skips;
        enum charge_frame frame;
        enum report_format format;
        size_t limit, frame_limit; /* SIZE_MAX: all */
        bool most_recent_first, pretty;
        uint64_t least_bytes;
        double least_share;             /* of what is selected, 0 to 1 */
        struct moment moment, from, to; /* the moment is `to`, where that is given */
        char *path;
};

extern const struct options_about report_about;

/* 0, OPTIONS_HELPED, or a negative errno already reported. The options are the caller's to deinit anyhow. */
int report_options_parse(struct report_options *options, int argc, char **argv);
void report_options_deinit(struct report_options *options);

#endif
