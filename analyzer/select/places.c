/*
 * See places.h. What cannot go together is refused, so that no option is ever without effect.
 */
#include "select/places.h"

#include "base/message.h"
#include "select/calls.h"

#include <errno.h>

void places_init(struct places *places, const char *command) {
        *places = (struct places){ .grouping.command = command,
                                   .listing.command = command,
                                   .selection.command = command,
                                   .framing.command = command };
}

void places_deinit(struct places *places) {
        selection_deinit(&places->selection);
        sources_deinit(&places->sources);
}

/* What cannot go together, in words; NULL: all can. */
static const char *contradiction(const struct places *places) {
        bool is_text = places->listing.format == LISTING_TEXT;
        enum aggregate_by by = places->grouping.by;

        if (places->sources.rule_count > 0 && !(is_text && (places->pretty || by == AGGREGATE_TRACEBACK)))
                return places->has_pretty
                               ? "--source-dir is for what shows source: --pretty and --by traceback, as text"
                               : "--source-dir is for what shows source: --by traceback, as text";
        if (places->pretty && (!is_text || by == AGGREGATE_SIZE))
                return "--pretty is a text of places; it goes with no other --format, nor with --by size";
        return NULL;
}

int places_settle(struct places *places) {
        const char *wrong;
        int error = places->listing.format == LISTING_PSTATS ? calls_settle(&places->grouping)
                                                             : grouping_settle(&places->grouping);

        if (error == 0)
                error = selection_settle(&places->selection);
        if (error == 0)
                error = framing_settle(&places->framing, places->grouping.by);
        wrong = error == 0 ? contradiction(places) : NULL;
        if (wrong) {
                message("%s: %s", places->grouping.command, wrong);
                error = -EINVAL;
        }
        listing_settle(&places->listing, places->grouping.by);
        return error;
}
