/*
 * See size.h. Whole numbers throughout: a double would lose the last bytes of large sizes, and strtod takes
 * "0x10" and "1e3" too.
 */
#include "base/size.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define FRACTION_DIGITS_MAX 18 /* with a TiB on top they still fit 128 bits */
#define SHARE_DIGITS_MAX 15    /* such numbers are exact as doubles */

static bool is_digit(char letter) {
        return letter >= '0' && letter <= '9';
}

const char *size_unit(const char *text) {
        const char *at = text;

        while (is_digit(*at))
                at++;
        if (at > text && *at == '.')
                for (at++; is_digit(*at);)
                        at++;
        return at;
}

/* A number apart: whole + fraction / scale, and whether digits beyond those said more. */
struct decimal {
        uint64_t whole, fraction, scale;
        bool more;
};

/* False: there is none, or its whole part does not fit. */
static bool read_decimal(const char *text, struct decimal *decimal) {
        const char *end = size_unit(text), *at = text;

        *decimal = (struct decimal){ .scale = 1 };
        for (; at < end && *at != '.'; at++)
                if (__builtin_mul_overflow(decimal->whole, 10, &decimal->whole) ||
                    __builtin_add_overflow(decimal->whole, (uint64_t)(*at - '0'), &decimal->whole))
                        return false;
        for (unsigned digits = 0; at < end && ++at < end; digits++) {
                if (digits >= FRACTION_DIGITS_MAX) {
                        decimal->more |= *at != '0';
                        continue;
                }
                decimal->fraction = decimal->fraction * 10 + (uint64_t)(*at - '0');
                decimal->scale *= 10;
        }
        return end > text;
}

/* 1 << *shift bytes. */
static enum size_outcome read_unit(const char *unit, unsigned *shift) {
        static const char letters[] = "KMGT";
        const char *letter = *unit ? strchr(letters, *unit) : NULL;

        *shift = letter ? 10 * (unsigned)(letter - letters + 1) : 0;
        if (!*unit)
                return SIZE_BARE;
        if (strcmp(unit, "B") == 0 || (letter && (!unit[1] || strcmp(unit + 1, "iB") == 0)))
                return SIZE_TAKEN;
        return letter && strcmp(unit + 1, "B") == 0 ? SIZE_AMBIGUOUS : SIZE_NO_UNIT;
}

enum size_outcome size_parse(const char *text, uint64_t *size_bytes) {
        unsigned __int128 bytes, fraction;
        enum size_outcome outcome;
        struct decimal decimal;
        unsigned shift;

        if (!read_decimal(text, &decimal))
                return is_digit(*text) ? SIZE_TOO_LARGE : SIZE_NO_NUMBER;
        outcome = read_unit(size_unit(text), &shift);
        if (outcome == SIZE_NO_UNIT)
                return outcome;
        fraction = (unsigned __int128)decimal.fraction << shift;
        bytes = ((unsigned __int128)decimal.whole << shift) + fraction / decimal.scale +
                (fraction % decimal.scale != 0 || decimal.more);
        if (bytes >= (uint64_t)1 << 63)
                return SIZE_TOO_LARGE;
        *size_bytes = (uint64_t)bytes;
        return outcome == SIZE_BARE && bytes == 0 ? SIZE_TAKEN : outcome;
}

int size_share(const char *text, unsigned most_percent, double *share) {
        const char *unit = size_unit(text);
        struct decimal decimal;
        double number;

        if (strcmp(unit, "%") != 0 || unit - text > SHARE_DIGITS_MAX || !read_decimal(text, &decimal))
                return -EINVAL;
        number = (double)(decimal.whole * decimal.scale + decimal.fraction) / (100 * (double)decimal.scale);
        if (number * 100 > most_percent)
                return -EINVAL;
        *share = number;
        return 0;
}
