/*
 * judge/limit.c: limits as users write them, what is refused and with which words, what is beyond a limit.
 */
#include "judge/limit.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdint.h>

Test(limit, each_kind_has_its_syntax) {
        static const struct {
                enum check_kind kind;
                const char *text;
                struct check_amount amount;
        } known[] = {
                { CHECK_LEAK, "0", { .has_bytes = true, .has_count = true } },
                { CHECK_LEAK, "0.0K", { .has_bytes = true, .has_count = true } },
                { CHECK_LEAK, "4K", { .has_bytes = true, .bytes = 4096 } },
                { CHECK_LEAK, "4K,10", { .has_bytes = true, .has_count = true, .bytes = 4096, .count = 10 } },
                { CHECK_LEAK, "0,1", { .has_bytes = true, .has_count = true, .count = 1 } },
                { CHECK_PEAK, "1.5MiB", { .has_bytes = true, .bytes = 1572864 } },
                { CHECK_TOTAL, "20G", { .has_bytes = true, .bytes = 20ull << 30 } },
                { CHECK_GROWTH, "16B", { .has_bytes = true, .bytes = 16 } },
                { CHECK_ALLOCS, "1000", { .has_count = true, .count = 1000 } },
                { CHECK_ALLOCS, "1", { .has_count = true, .count = 1 } },
                { CHECK_ALLOCS, "18446744073709551615", { .has_count = true, .count = UINT64_MAX } },
                { CHECK_TEMPORARY, "12", { .has_count = true, .count = 12 } },
                { CHECK_TEMPORARY, "5%", { .has_share = true, .share = 0.05 } },
                { CHECK_BASELINE, "4K", { .has_bytes = true, .bytes = 4096 } },
                { CHECK_BASELINE, "250%", { .has_share = true, .share = 2.5 } },
                { CHECK_BASELINE,
                  "4K,250%",
                  { .has_bytes = true, .bytes = 4096, .has_share = true, .share = 2.5 } },
        };

        for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
                const struct check_amount *wanted = &known[i].amount;
                struct limit limit = { 0 };
                struct limit_text wrong = { "" };

                cr_expect_eq(limit_parse(known[i].kind, known[i].text, &limit, &wrong), 0, "'%s': %s",
                             known[i].text, wrong.text);
                cr_expect_eq(limit.kind, known[i].kind);
                cr_expect(limit.amount.has_bytes == wanted->has_bytes &&
                                  limit.amount.has_count == wanted->has_count &&
                                  limit.amount.has_share == wanted->has_share &&
                                  limit.amount.bytes == wanted->bytes &&
                                  limit.amount.count == wanted->count && limit.amount.share == wanted->share,
                          "'%s'", known[i].text);
        }
}

Test(limit, what_is_refused_says_what_to_write) {
        static const struct {
                enum check_kind kind;
                const char *text, *wrong;
        } known[] = {
                { CHECK_LEAK, "512", "512 of what? write 512B or 512K" },
                { CHECK_PEAK, "512.5", "512.5 of what? write 512.5B or 512.5K" },
                { CHECK_LEAK, "512,5", "512 of what? write 512B or 512K" },
                { CHECK_LEAK, "1,5K",
                  "what follows the comma is no number of blocks; write 4K,10, and 1.5K with a point" },
                { CHECK_LEAK, "4K,",
                  "what follows the comma is no number of blocks; write 4K,10, and 1.5K with a point" },
                { CHECK_LEAK, "4K,-1",
                  "what follows the comma is no number of blocks; write 4K,10, and 1.5K with a point" },
                { CHECK_LEAK, "4K,10,11",
                  "what follows the comma is no number of blocks; write 4K,10, and 1.5K with a point" },
                { CHECK_LEAK, ",10", "no size; write one as 4K or 1.5M" },
                { CHECK_LEAK, "", "no size; write one as 4K or 1.5M" },
                { CHECK_PEAK, "4K,10",
                  "K,10 is no unit; units are B, K, M, G and T, by 1024, as in 4K or 1.5M" },
                { CHECK_LEAK, "10KB", "is KB 1000 or 1024 to the step? write 10K, which is by 1024" },
                { CHECK_LEAK, "10kB,3", "is kB 1000 or 1024 to the step? write 10K, which is by 1024" },
                { CHECK_TOTAL, "1.5gb", "is gb 1000 or 1024 to the step? write 1.5G, which is by 1024" },
                { CHECK_TOTAL, "1e3",
                  "e3 is no unit; units are B, K, M, G and T, by 1024, as in 4K or 1.5M" },
                { CHECK_TOTAL, "0x10",
                  "x10 is no unit; units are B, K, M, G and T, by 1024, as in 4K or 1.5M" },
                { CHECK_TOTAL, "-1K", "not a size; write a number and a unit, as 4K, 1.5M or 0" },
                { CHECK_TOTAL, "nothing", "not a size; write a number and a unit, as 4K, 1.5M or 0" },
                { CHECK_TOTAL, "8388608T", "more than there can be" },
                { CHECK_TOTAL, "1.0000000000000000000000000000000000000000000000000000000000000000K",
                  "too long for a size; write one as 4K or 1.5M" },
                { CHECK_PEAK, "5%", "a percentage makes no sense here; write a size as 4K or 1.5M" },
                { CHECK_GROWTH, "5%", "a percentage makes no sense here; write a size as 4K or 1.5M" },
                { CHECK_ALLOCS, "4K", "not a number of allocations; write it in digits alone" },
                { CHECK_ALLOCS, "5%", "not a number of allocations; write it in digits alone" },
                { CHECK_ALLOCS, "-1", "not a number of allocations; write it in digits alone" },
                { CHECK_ALLOCS, "18446744073709551616",
                  "not a number of allocations; write it in digits alone" },
                { CHECK_TEMPORARY, "1e3",
                  "not a number of allocations or a percentage of them; write it in digits alone" },
                { CHECK_TEMPORARY, "100.1%", "not a percentage from 0% to 100%" },
                { CHECK_TEMPORARY, "-1%", "not a percentage from 0% to 100%" },
                { CHECK_BASELINE, "%", "not a percentage from 0% to 10000%" },
                { CHECK_BASELINE, "10001%", "not a percentage from 0% to 10000%" },
                { CHECK_BASELINE, "10", "10 of what? write 10B or 10K" },
                { CHECK_BASELINE, "10%,4K", "a percentage makes no sense here; write a size as 4K or 1.5M" },
                { CHECK_BASELINE, "4K,10", "not a percentage from 0% to 10000%" },
                { CHECK_BASELINE, ",10%", "no size; write one as 4K or 1.5M" },
        };

        for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
                struct limit limit = { .kind = CHECK_KINDS };
                struct limit_text wrong = { "" };

                cr_expect_eq(limit_parse(known[i].kind, known[i].text, &limit, &wrong), -EINVAL, "'%s'",
                             known[i].text);
                cr_expect_str_eq(wrong.text, known[i].wrong);
                cr_expect_eq(limit.kind, CHECK_KINDS, "what is refused changes nothing");
        }
}

Test(limit, beyond_is_more_than_any_part_of_it) {
        static const struct {
                enum check_kind kind;
                const char *limit;
                struct check_amount actual;
                bool exceeded;
        } known[] = {
                { CHECK_LEAK, "4K", { .bytes = 4096, .count = 100 }, false },
                { CHECK_LEAK, "4K", { .bytes = 4097 }, true },
                { CHECK_LEAK, "0", { .bytes = 0 }, false },
                { CHECK_LEAK, "0", { .bytes = 1 }, true },
                { CHECK_LEAK, "0", { .count = 1 }, true }, /* a block of no bytes leaks as well */
                { CHECK_LEAK, "4K,10", { .bytes = 4096, .count = 10 }, false },
                { CHECK_LEAK, "4K,10", { .bytes = 11, .count = 11 }, true },
                { CHECK_LEAK, "4K,10", { .bytes = 4097, .count = 1 }, true },
                { CHECK_LEAK, "0,1", { .count = 1 }, false },
                { CHECK_ALLOCS, "7", { .bytes = 999, .count = 7 }, false },
                { CHECK_ALLOCS, "7", { .count = 8 }, true },
                { CHECK_TEMPORARY, "7", { .count = 7, .share = 1 }, false },
                { CHECK_TEMPORARY, "0.1%", { .count = 99, .share = 3.0 / 3000 }, false },
                { CHECK_TEMPORARY, "0.1%", { .share = 4.0 / 3999 }, true },
                { CHECK_BASELINE, "7%", { .bytes = 999, .share = 7.0 / 100 }, false },
                { CHECK_BASELINE, "7%", { .share = 7.1 / 100 }, true },
        };

        for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
                struct limit limit;
                struct limit_text wrong;

                cr_assert_eq(limit_parse(known[i].kind, known[i].limit, &limit, &wrong), 0);
                cr_expect_eq(limit_exceeded(&limit, &known[i].actual), known[i].exceeded, "%zu", i);
        }
}
