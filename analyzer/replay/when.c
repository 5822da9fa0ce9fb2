/*
 * Moments as text: what stands after the @, before any trace is read.
 */
#include "replay/moment.h"

#include "base/message.h"
#include "base/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const names[] = {
        [MOMENT_PEAK] = "peak", [MOMENT_END] = "end", [MOMENT_START] = "start", NULL
};

static const struct {
        const char *name;
        uint64_t ns;
} units[] = { { "h", 3600000000000u },
              { "m", 60000000000u },
              { "s", 1000000000u },
              { "ms", 1000000u },
              { "us", 1000u } };

#define UNIT_COUNT (sizeof(units) / sizeof(*units))
#define BILLION 1000000000u

struct decimal {
        uint64_t whole, billionths;
};

/* "12" or "12.5"; what no number can hold is as much as one can. */
static bool take_decimal(const char **at, struct decimal *decimal) {
        uint64_t place = BILLION;

        *decimal = (struct decimal){ 0 };
        if (**at < '0' || **at > '9')
                return false;
        for (; **at >= '0' && **at <= '9'; ++*at)
                if (__builtin_mul_overflow(decimal->whole, 10, &decimal->whole) ||
                    __builtin_add_overflow(decimal->whole, (uint64_t)(**at - '0'), &decimal->whole))
                        decimal->whole = UINT64_MAX / 10;
        if (**at != '.')
                return true;
        if (*++*at < '0' || **at > '9')
                return false;
        for (; **at >= '0' && **at <= '9'; ++*at)
                decimal->billionths += (uint64_t)(**at - '0') * (place /= 10);
        return true;
}

/* `decimal` of a unit that is a multiple of 1000 and at most an hour, on top of *sum. */
static void add_scaled(struct decimal decimal, uint64_t unit, uint64_t *sum) {
        uint64_t scaled;

        if (__builtin_mul_overflow(decimal.whole, unit, &scaled) ||
            __builtin_add_overflow(scaled, decimal.billionths * (unit / 1000) / (BILLION / 1000), &scaled) ||
            __builtin_add_overflow(*sum, scaled, sum))
                *sum = UINT64_MAX;
}

static bool read_time(const char *text, uint64_t *time_ns) {
        size_t next = 0;

        *time_ns = 0;
        do {
                struct decimal decimal;
                size_t length;

                if (!take_decimal(&text, &decimal))
                        return false;
                length = strspn(text, "hmsu");
                while (next < UNIT_COUNT &&
                       (strlen(units[next].name) != length || strncmp(text, units[next].name, length) != 0))
                        next++;
                if (next == UNIT_COUNT)
                        return false;
                add_scaled(decimal, units[next++].ns, time_ns);
                text += length;
        } while (*text);
        return true;
}

static bool read_share(const char *text, uint64_t *share) {
        struct decimal decimal;

        *share = 0;
        if (!take_decimal(&text, &decimal) || strcmp(text, "%") != 0)
                return false;
        add_scaled(decimal, MOMENT_WHOLE / 100, share);
        return true;
}

/* A time or a share; false where the text is neither. */
static bool read_number(const char *text, struct moment *moment) {
        if (read_time(text, &moment->value))
                moment->kind = MOMENT_TIME;
        else if (read_share(text, &moment->value))
                moment->kind = MOMENT_SHARE;
        else
                return false;
        return true;
}

bool moment_understand(const char *when, struct moment *moment) {
        struct moment negative;
        int kind = options_choice(when, names);

        *moment = (struct moment){ .kind = MOMENT_MARK, .given = true, .when = when };
        if (kind >= 0)
                moment->kind = (enum moment_kind)kind;
        else if (!read_number(when, moment))
                return *when && !(*when == '-' && read_number(when + 1, &negative));
        return true;
}

int moment_read(const char *when, struct moment *moment) {
        when += *when == '@';
        if (moment_understand(when, moment))
                return 0;
        message("@%s %s: possible are @start, @peak, @end, a time (@12.5s), a share (@50%%) or a mark's name",
                when, *when ? "is before the start" : "names no moment");
        return -EINVAL;
}

int moment_parse(const char *operand, enum moment_kind fallback, char **path, struct moment *moment) {
        const char *last = strrchr(operand, '@'), *at = last;
        size_t length = strlen(operand);

        *moment = (struct moment){ .kind = fallback };
        *path = strdup(operand);
        if (!*path)
                return message_errno(ENOMEM, operand, "cannot open");
        /* a mark's name may hold an @ as well as a file's */
        while (at && access(*path, F_OK) != 0) {
                length = (size_t)(at - operand);
                (*path)[length] = '\0';
                at = memrchr(operand, '@', length);
        }
        if (last && access(*path, F_OK) != 0) {
                length = (size_t)(last - operand);
                memcpy(*path, operand, length);
                (*path)[length] = '\0';
        }
        if (!operand[length] || moment_read(operand + length, moment) == 0)
                return 0;
        free(*path);
        return -EINVAL;
}

const char *moment_name(const struct moment *moment) {
        return moment->when ? moment->when : names[moment->kind];
}

char *moment_phrase(const struct moment *moment) {
        char *phrase;

        return asprintf(&phrase, "%s%s", moment->kind <= MOMENT_START ? "the " : "@", moment_name(moment)) < 0
                       ? NULL
                       : phrase;
}
