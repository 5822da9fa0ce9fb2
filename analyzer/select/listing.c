/*
 * See listing.h.
 */
#include "select/listing.h"

#include "base/message.h"
#include "base/size.h"
#include "base/terminal.h"

#include <errno.h>
#include <math.h>

static const char *const format_names[] = { "text", "json", "csv", "pstats", NULL };

enum index { LIMIT, MIN, FORMAT, COLOR };

static const struct option_spec specs[] = {
        [LIMIT] = { "limit", 'n', "N", "show the N first (10; all with json, csv and --by size)", NULL },
        [MIN] = { "min", 0, "SIZE|N%", "show none smaller than SIZE, or than N% of the total", NULL },
        [FORMAT] = { "format", 'f', "FORMAT", "how it is printed:", format_names },
        [COLOR] = { "color", 0, "WHEN", "colour the text: auto (on a terminal), always or never",
                    terminal_color_names },
        { 0 },
};

int listing_take_count(const char *command, const char *option, const char *value, size_t *count) {
        unsigned long long number;

        if (options_number(value, 1, SIZE_MAX, &number) < 0) {
                message("%s: --%s %s is not a number of lines", command, option, value);
                return -EINVAL;
        }
        *count = (size_t)number;
        return 0;
}

/* "4096", "64K", "1.5MiB" or "2%". A bare number can only be bytes here, and KB is KiB. */
static int take_least(struct listing *listing, const char *value) {
        listing->least_bytes = 0;
        listing->least_share = 0;
        if (size_share(value, 100, &listing->least_share) == 0 ||
            size_parse(value, &listing->least_bytes) < SIZE_NO_NUMBER)
                return 0;
        message("%s: --min %s is neither a size nor a percentage", listing->command, value);
        return -EINVAL;
}

static int take(void *context, size_t index, const char *value) {
        struct listing *listing = context;
        int choice = specs[index].choices ? options_choose(listing->command, &specs[index], value) : 0;

        if (choice < 0)
                return choice;
        switch ((enum index)index) {
        case LIMIT:
                return listing_take_count(listing->command, specs[LIMIT].name, value, &listing->limit);
        case MIN:
                return take_least(listing, value);
        case FORMAT:
                if (choice == LISTING_PSTATS && !listing->has_pstats) {
                        message("%s: --format pstats is of memtrace report alone", listing->command);
                        return -EINVAL;
                }
                listing->format = (enum listing_format)choice;
                return 0;
        case COLOR:
                terminal_choose((enum terminal_color)choice);
                return 0;
        }
        return -EINVAL;
}

const struct option_group listing_options = { specs, take };

void listing_settle(struct listing *listing, enum aggregate_by by) {
        if (by == AGGREGATE_SIZE && listing->limit == 0)
                listing->limit = SIZE_MAX;
}

size_t listing_limit(const struct listing *listing) {
        if (listing->limit > 0)
                return listing->limit;
        return listing->format == LISTING_JSON || listing->format == LISTING_CSV ? SIZE_MAX
                                                                                 : LISTING_TEXT_LINES;
}

uint64_t listing_least(const struct listing *listing, uint64_t all_bytes) {
        return listing->least_share > 0 ? (uint64_t)ceil(listing->least_share * (double)all_bytes)
                                        : listing->least_bytes;
}
