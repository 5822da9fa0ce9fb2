/*
 * How much of a table is shown, and how: --limit, --min and --format, which all commands with a table
 * have in common.
 *
 * Must not: open anything.
 */
#ifndef ANALYZER_SELECT_LISTING_H
#define ANALYZER_SELECT_LISTING_H

#include "aggregate/aggregate.h"
#include "base/options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum listing_format { LISTING_TEXT, LISTING_JSON, LISTING_CSV, LISTING_PSTATS };

#define LISTING_TEXT_LINES 10 /* of a text, where the user gave no limit */

struct listing {
        const char *command; /* for messages */
        bool has_pstats;     /* the command has that format */
        enum listing_format format;
        size_t limit; /* 0: not given */
        uint64_t least_bytes;
        double least_share; /* of what is selected, 0 to 1 */
};

/* Its context is a struct listing with its command set. */
extern const struct option_group listing_options;

/* A number of lines, 1 or more, for --`option`. 0 or -EINVAL, reported. */
int listing_take_count(const char *command, const char *option, const char *value, size_t *count);

/* Without --limit all of a histogram is shown: its rows are few. */
void listing_settle(struct listing *listing, enum aggregate_by by);

/* How many lines: as given, else LISTING_TEXT_LINES of a text and all of what is for machines. */
size_t listing_limit(const struct listing *listing);

/* The least size shown where all comes to that many bytes. */
uint64_t listing_least(const struct listing *listing, uint64_t all_bytes);

#endif
