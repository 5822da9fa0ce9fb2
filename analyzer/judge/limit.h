/*
 * What a check allows at most: a size, a number of blocks or calls, or a share of something. Its syntax, and
 * what is beyond it.
 *
 * Must not: report anything, or know places.
 */
#ifndef ANALYZER_JUDGE_LIMIT_H
#define ANALYZER_JUDGE_LIMIT_H

#include "judge/check.h"

struct limit {
        enum check_kind kind;
        struct check_amount amount;
};

struct limit_text {
        char text[160];
};

/*
 * A limit as users write it:
 *   CHECK_LEAK                              "4K", or "4K,10" for 10 blocks at most beside it; "0" is "0,0"
 *   CHECK_PEAK, CHECK_TOTAL, CHECK_GROWTH   "1.5M"
 *   CHECK_ALLOCS                            "1000"
 *   CHECK_TEMPORARY                         "1000", or "5%" of all allocations
 *   CHECK_BASELINE                          "4K", "5%" of what there was, or "4K,5%", both of which must be
 * exceeded Sizes are as size_parse() takes them, but with a unit that can only mean one thing. 0, or -EINVAL
 * with `wrong` telling what is wrong with it and what to write instead, and *limit as it was.
 */
int limit_parse(enum check_kind kind, const char *text, struct limit *limit, struct limit_text *wrong);

/* Whether something of the amount is more than the limit allows. */
bool limit_exceeded(const struct limit *limit, const struct check_amount *actual);

#endif
