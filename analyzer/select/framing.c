/*
 * See framing.h.
 */
#include "select/framing.h"

#include "base/message.h"
#include "select/listing.h"

#include <errno.h>

enum index { FRAMES, RECENT_FIRST };

static const struct option_spec specs[] = {
        [FRAMES] = { "frames", 0, "N", "show the N most recent frames of a traceback", NULL },
        [RECENT_FIRST] = { "most-recent-first", 0, NULL, "tracebacks begin with the most recent frame",
                           NULL },
        { 0 },
};

static int take(void *context, size_t index, const char *value) {
        struct framing *framing = context;

        if (index == FRAMES)
                return listing_take_count(framing->command, specs[FRAMES].name, value, &framing->limit);
        framing->most_recent_first = true;
        return 0;
}

const struct option_group framing_options = { specs, take };

int framing_settle(const struct framing *framing, enum aggregate_by by) {
        if ((framing->limit == 0 && !framing->most_recent_first) || by == AGGREGATE_TRACEBACK)
                return 0;
        message("%s: --frames and --most-recent-first go with --by traceback", framing->command);
        return -EINVAL;
}

size_t framing_limit(const struct framing *framing) {
        return framing->limit ? framing->limit : SIZE_MAX;
}
