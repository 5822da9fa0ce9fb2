/*
 * The line that says how far long work is, by a clock of its own.
 */
#include "base/message.h"
#include "base/progress.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>

#define MS UINT64_C(1000000)

static uint64_t time_ns;
static unsigned looks;

static uint64_t clock_ns(void) {
        looks++;
        return time_ns;
}

static void begin_at(uint64_t ms, uint64_t all) {
        cr_redirect_stderr();
        progress_show(stderr, clock_ns);
        time_ns = ms * MS;
        progress_begin("reading", all);
}

static void at(uint64_t ms, uint64_t done) {
        time_ns = ms * MS;
        progress_at(done);
}

Test(progress, nothing_in_the_first_second) {
        begin_at(5000, 100);
        at(5500, 20);
        at(5999, 99);
        progress_end();
        fflush(stderr);
        cr_assert_stderr_eq_str("");
}

Test(progress, then_ten_times_a_second_and_gone_at_the_end) {
        begin_at(0, 200);
        at(1000, 3);
        at(1099, 100);
        at(1100, 150);
        at(1200, 199);
        at(1300, 200);
        at(1400, 400);
        progress_end();
        progress_end();
        fflush(stderr);
        cr_assert_stderr_eq_str("\rreading   [                    ]   1 %\33[K"
                                "\rreading   [###############     ]  75 %\33[K"
                                "\rreading   [################### ]  99 %\33[K"
                                "\rreading   [####################] 100 %\33[K"
                                "\rreading   [####################] 100 %\33[K"
                                "\r\33[K");
}

/* The second is of all the work: what comes after it is shown at once. */
Test(progress, of_several_works) {
        begin_at(0, 10);
        at(900, 9);
        progress_end();
        progress_begin("replaying", 0);
        at(1050, 0);
        fflush(stderr);
        cr_assert_stderr_eq_str("\rreplaying [####################] 100 %\33[K");
}

Test(progress, a_message_takes_it_away) {
        begin_at(0, 2);
        at(1000, 1);
        message("something is said");
        message("and more");
        progress_end();
        fflush(stderr);
        cr_assert_stderr_eq_str("\rreading   [##########          ]  50 %\33[K"
                                "\r\33[Kmemtrace: something is said\nmemtrace: and more\n");
}

Test(progress, no_clock_where_nothing_is_shown) {
        progress_begin("reading", 2);
        progress_at(1);
        progress_end();
        cr_assert_eq(looks, 0);
}
