/*
 * What report, diff and growth are asked for alike: a table of places, in the option groups that it takes
 * together, and what of them cannot go together.
 *
 * Must not: open anything.
 */
#ifndef ANALYZER_SELECT_PLACES_H
#define ANALYZER_SELECT_PLACES_H

#include "select/framing.h"
#include "select/grouping.h"
#include "select/listing.h"
#include "select/selection.h"
#include "select/sourcing.h"

struct places {
        struct grouping grouping;
        struct listing listing;
        struct selection selection;
        struct framing framing;
        struct sources sources;
        bool has_pretty, pretty; /* the command has --pretty, and it was given */
};

/* The groups, and where each takes its options into, for the beginning of a command's lists. */
#define PLACES_GROUPS                                                                                        \
        &grouping_options, &listing_options, &selection_options, &framing_options, &sourcing_options
#define PLACES_CONTEXTS(places)                                                                              \
        &(places)->grouping, &(places)->listing, &(places)->selection, &(places)->framing, &(places)->sources

void places_init(struct places *places, const char *command);
void places_deinit(struct places *places);

/* What was not given follows from what was. 0 or -EINVAL, reported. */
int places_settle(struct places *places);

#endif
