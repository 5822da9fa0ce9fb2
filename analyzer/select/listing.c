/*
 * See listing.h.
 */
#include "select/listing.h"

#include "base/message.h"
#include "base/terminal.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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

/* "4096", "64K", "1.5MiB" or "2%". */
static int take_least(struct listing *listing, const char *value) {
        static const char *const units[] = { "", "K", "M", "G", "T" };
        char *unit;
        double number = *value >= '0' && *value <= '9' ? strtod(value, &unit) : -1;

        /* strtod alone would take "0x10" and "1e3" */
        if (number >= 0 && (size_t)(unit - value) != strspn(value, "0123456789."))
                number = -1;

        if (number >= 0 && strcmp(unit, "%") == 0 && number <= 100) {
                listing->least_share = number / 100;
                listing->least_bytes = 0;
                return 0;
        }
        for (size_t i = 0; number >= 0 && i < sizeof(units) / sizeof(*units); i++) {
                size_t length = strlen(units[i]);
                const char *rest = unit + length;
                double size_bytes = ceil(ldexp(number, 10 * (int)i));

                if (strncmp(unit, units[i], length) != 0 ||
                    (*rest && strcmp(rest, "B") != 0 && (length == 0 || strcmp(rest, "iB") != 0)))
                        continue;
                if (size_bytes >= 0x1p63)
                        break;
                listing->least_bytes = (uint64_t)size_bytes;
                listing->least_share = 0;
                return 0;
        }
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
