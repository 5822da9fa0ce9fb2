/*
 * base/size.c: sizes and percentages as users write them.
 */
#include "base/size.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdint.h>

Test(size, numbers_and_units) {
        static const struct {
                const char *text;
                enum size_outcome outcome;
                uint64_t bytes;
        } known[] = {
                { "0", SIZE_TAKEN, 0 },
                { "0.0", SIZE_TAKEN, 0 },
                { "0K", SIZE_TAKEN, 0 },
                { "7B", SIZE_TAKEN, 7 },
                { "4K", SIZE_TAKEN, 4096 },
                { "4KiB", SIZE_TAKEN, 4096 },
                { "1.5M", SIZE_TAKEN, 1572864 },
                { "5.K", SIZE_TAKEN, 5120 },
                { "0.25G", SIZE_TAKEN, 1u << 28 },
                { "1GiB", SIZE_TAKEN, 1u << 30 },
                { "2TiB", SIZE_TAKEN, 1ull << 41 },
                { "1T", SIZE_TAKEN, 1ull << 40 },
                { "4.001K", SIZE_TAKEN, 4098 }, /* 4097.024 */
                { "0.1B", SIZE_TAKEN, 1 },
                { "4.0000000000000000000K", SIZE_TAKEN, 4096 }, /* digits that fit no more say nothing */
                { "4.0000000000000000001K", SIZE_TAKEN, 4097 },
                { "0.300000000000000000000K", SIZE_TAKEN, 308 },       /* 307.2 */
                { "9007199254740993B", SIZE_TAKEN, 9007199254740993 }, /* no double */
                { "9223372036854775807B", SIZE_TAKEN, INT64_MAX },
                { "8388607.999999999999T", SIZE_TAKEN, 9223372036854775807 },
                { "4096", SIZE_BARE, 4096 },
                { "0.5", SIZE_BARE, 1 },
                { "10KB", SIZE_AMBIGUOUS, 10240 },
                { "1TB", SIZE_AMBIGUOUS, 1ull << 40 },
                { "9223372036854775808B", SIZE_TOO_LARGE, 99 },
                { "8388608T", SIZE_TOO_LARGE, 99 },
                { "99999999999999999999", SIZE_TOO_LARGE, 99 },
                { "", SIZE_NO_NUMBER, 99 },
                { "K", SIZE_NO_NUMBER, 99 },
                { ".5K", SIZE_NO_NUMBER, 99 },
                { "-1K", SIZE_NO_NUMBER, 99 },
                { "+1K", SIZE_NO_NUMBER, 99 },
                { " 1K", SIZE_NO_NUMBER, 99 },
                { "inf", SIZE_NO_NUMBER, 99 },
                { "1 K", SIZE_NO_UNIT, 99 },
                { "1k", SIZE_NO_UNIT, 99 },
                { "1kB", SIZE_NO_UNIT, 99 },
                { "1Ki", SIZE_NO_UNIT, 99 },
                { "1BiB", SIZE_NO_UNIT, 99 },
                { "1iB", SIZE_NO_UNIT, 99 },
                { "1KiBs", SIZE_NO_UNIT, 99 },
                { "1P", SIZE_NO_UNIT, 99 },
                { "1e3", SIZE_NO_UNIT, 99 },
                { "0x10", SIZE_NO_UNIT, 99 },
                { "1.2.3K", SIZE_NO_UNIT, 99 },
                { "1,5K", SIZE_NO_UNIT, 99 },
        };

        for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
                uint64_t bytes = 99;

                cr_expect_eq(size_parse(known[i].text, &bytes), known[i].outcome, "'%s'", known[i].text);
                cr_expect_eq(bytes, known[i].bytes, "'%s' is %lu", known[i].text, bytes);
        }
}

Test(size, shares_are_the_nearest_to_their_digits) {
        static const struct {
                const char *text;
                double share;
        } known[] = { { "0%", 0 },     { "5%", 1.0 / 20 },      { "0.1%", 1.0 / 1000 },
                      { "100%", 1 },   { "12.5%", 0.125 },      { "0.7%", 7.0 / 1000 },
                      { "250%", 2.5 }, { "33.33%", 3333 / 1e4 } };
        static const char *const none[] = { "",
                                            "%",
                                            "5",
                                            "5 %",
                                            "-1%",
                                            "+1%",
                                            "5%%",
                                            "5K",
                                            "1e1%",
                                            ".5%",
                                            "250.01%",
                                            "0.000000000000001%",
                                            "99999999999999999999%" };
        double share = 99;

        for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
                cr_expect_eq(size_share(known[i].text, 250, &share), 0, "'%s'", known[i].text);
                cr_expect(share == known[i].share, "'%s' is %.17g", known[i].text, share);
        }
        share = 99;
        for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
                cr_expect_eq(size_share(none[i], 250, &share), -EINVAL, "'%s'", none[i]);
        cr_assert(share == 99, "what is refused changes nothing");
}
