/*
 * See limit.h. Plain functions, no state.
 */
#include "judge/limit.h"

#include "base/options.h"
#include "base/size.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#define TEMPORARY_PERCENT_MAX 100
#define GROWTH_PERCENT_MAX 10000 /* to a hundred times of what was */

__attribute__((format(printf, 2, 3))) static int refuse(struct limit_text *wrong, const char *format, ...) {
        va_list arguments;

        va_start(arguments, format);
        vsnprintf(wrong->text, sizeof(wrong->text), format, arguments);
        va_end(arguments);
        return -EINVAL;
}

/* "KB", "kb", "mB": somebody's kilobyte, whichever that is. */
static bool is_byte_unit(const char *unit) {
        return strlen(unit) == 2 && strchr("kmgtKMGT", unit[0]) && strchr("bB", unit[1]);
}

static int refuse_unit(const char *text, const char *unit, struct limit_text *wrong) {
        int digits = (int)(unit - text < 20 ? unit - text : 20);

        if (is_byte_unit(unit))
                return refuse(wrong, "is %s 1000 or 1024 to the step? write %.*s%c, which is by 1024", unit,
                              digits, text, toupper((unsigned char)unit[0]));
        if (strcmp(unit, "%") == 0)
                return refuse(wrong, "a percentage makes no sense here; write a size as 4K or 1.5M");
        return refuse(wrong, "%.20s is no unit; units are B, K, M, G and T, by 1024, as in 4K or 1.5M", unit);
}

/* `length` is how much of the text is the size. */
static int parse_size(const char *text, size_t length, uint64_t *size_bytes, struct limit_text *wrong) {
        char size[64];

        if (length == 0)
                return refuse(wrong, "no size; write one as 4K or 1.5M");
        if (length >= sizeof(size))
                return refuse(wrong, "too long for a size; write one as 4K or 1.5M");
        memcpy(size, text, length);
        size[length] = '\0';
        switch (size_parse(size, size_bytes)) {
        case SIZE_TAKEN:
                return 0;
        case SIZE_BARE:
                return refuse(wrong, "%.20s of what? write %.20sB or %.20sK", size, size, size);
        case SIZE_AMBIGUOUS:
        case SIZE_NO_UNIT:
                return refuse_unit(size, size_unit(size), wrong);
        case SIZE_TOO_LARGE:
                return refuse(wrong, "more than there can be");
        case SIZE_NO_NUMBER:
                break;
        }
        return refuse(wrong, "not a size; write a number and a unit, as 4K, 1.5M or 0");
}

static int parse_leak(const char *text, struct check_amount *amount, struct limit_text *wrong) {
        const char *comma = strchr(text, ',');
        unsigned long long count;
        int error;

        if (comma && options_number(comma + 1, 0, UINT64_MAX, &count) < 0)
                return refuse(
                        wrong,
                        "what follows the comma is no number of blocks; write 4K,10, and 1.5K with a point");
        error = parse_size(text, comma ? (size_t)(comma - text) : strlen(text), &amount->bytes, wrong);
        if (error < 0)
                return error;
        amount->has_bytes = true;
        /* of what may hold nothing no block may be left, not even one of 0 bytes */
        amount->has_count = comma || amount->bytes == 0;
        amount->count = comma ? count : 0;
        return 0;
}

static int parse_count(const char *text, const char *what, struct check_amount *amount,
                       struct limit_text *wrong) {
        unsigned long long count;

        if (options_number(text, 0, UINT64_MAX, &count) < 0)
                return refuse(wrong, "not %s; write it in digits alone", what);
        amount->count = count;
        amount->has_count = true;
        return 0;
}

static int parse_share(const char *text, unsigned most_percent, struct check_amount *amount,
                       struct limit_text *wrong) {
        if (size_share(text, most_percent, &amount->share) < 0)
                return refuse(wrong, "not a percentage from 0%% to %u%%", most_percent);
        amount->has_share = true;
        return 0;
}

static int parse_growth(const char *text, struct check_amount *amount, struct limit_text *wrong) {
        const char *comma = strchr(text, ','), *percent = strchr(text, '%');
        int error = 0;

        if (comma || !percent) {
                error = parse_size(text, comma ? (size_t)(comma - text) : strlen(text), &amount->bytes,
                                   wrong);
                amount->has_bytes = true;
        }
        if (error == 0 && (comma || percent))
                error = parse_share(comma ? comma + 1 : text, GROWTH_PERCENT_MAX, amount, wrong);
        return error;
}

int limit_parse(enum check_kind kind, const char *text, struct limit *limit, struct limit_text *wrong) {
        size_t length = strlen(text);
        bool percent = length > 0 && text[length - 1] == '%';
        struct check_amount amount = { 0 };
        int error;

        if (kind == CHECK_LEAK)
                error = parse_leak(text, &amount, wrong);
        else if (kind == CHECK_ALLOCS)
                error = parse_count(text, "a number of allocations", &amount, wrong);
        else if (kind == CHECK_TEMPORARY && !percent)
                error = parse_count(text, "a number of allocations or a percentage of them", &amount, wrong);
        else if (kind == CHECK_TEMPORARY)
                error = parse_share(text, TEMPORARY_PERCENT_MAX, &amount, wrong);
        else if (kind == CHECK_BASELINE)
                error = parse_growth(text, &amount, wrong);
        else {
                error = parse_size(text, length, &amount.bytes, wrong);
                amount.has_bytes = true;
        }
        if (error == 0)
                *limit = (struct limit){ kind, amount };
        return error;
}

bool limit_exceeded(const struct limit *limit, const struct check_amount *actual) {
        const struct check_amount *most = &limit->amount;

        return (most->has_bytes && actual->bytes > most->bytes) ||
               (most->has_count && actual->count > most->count) ||
               (most->has_share && actual->share > most->share);
}
