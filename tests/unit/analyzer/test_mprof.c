/*
 * reader/mprof.c: mprof's lines, and lines that are none. base/trend.c: what its slope is, and how sure.
 */
#include "base/message.h"
#include "base/trend.h"
#include "reader/mprof.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static int read_text(const char *text, struct mprof **mprof) {
        FILE *stream = fmemopen((void *)text, strlen(text), "r");
        int error;

        cr_assert(stream);
        error = mprof_read(stream, "test", mprof);
        fclose(stream);
        return error;
}

TestSuite(mprof, .init = message_silence);

Test(mprof, samples_stand_by_child_and_time_from_the_earliest_on) {
        struct mprof *mprof;

        cr_assert_eq(read_text("CMDLINE python3 a b.py\n"
                               "MEM 2.500000 1700000001.5000\n"
                               "CHLD 4711 1.000000 1700000001.2500\n"
                               "MEM 1.000000 1700000001.0000\r\n"
                               "FUNC main.f 1.5 1700000001.1000 2.0 1700000001.4000 1\n"
                               "NEWS of another kind\n"
                               "CHLD 0 3.000000 1700000002.0001",
                               &mprof),
                     0);
        cr_assert_str_eq(mprof->command, "python3 a b.py");
        cr_assert_eq(mprof->start_unix_ns, 1700000001000000000u);
        cr_assert_eq(mprof->last_ns, 1000100000u);
        cr_assert_eq(mprof->sample_count, 6);
        for (size_t i = 0; i < 6; i++) {
                static const struct mprof_sample wanted[] = {
                        { 0, 1 << 20, 0 },         { 100000000, 3 << 19, 0 },  { 400000000, 2 << 20, 0 },
                        { 500000000, 5 << 19, 0 }, { 1000100000, 3 << 20, 1 }, { 250000000, 1 << 20, 4712 },
                };

                cr_assert_eq(mprof->samples[i].time_ns, wanted[i].time_ns, "sample %zu", i);
                cr_assert_eq(mprof->samples[i].bytes, wanted[i].bytes, "sample %zu", i);
                cr_assert_eq(mprof->samples[i].child, wanted[i].child, "sample %zu", i);
        }
        cr_assert_eq(mprof->call_count, 1);
        cr_assert_str_eq(mprof->calls[0].name, "main.f");
        cr_assert_eq(mprof->calls[0].begin_ns, 100000000);
        cr_assert_eq(mprof->calls[0].end_ns, 400000000);
        mprof_free(mprof);
}

Test(mprof, what_has_gone_is_no_sample) {
        struct mprof *mprof;

        cr_assert_eq(read_text("MEM -1.000000 5.0\nMEM 1.0 7.0\n", &mprof), 0);
        cr_assert_eq(mprof->sample_count, 1);
        cr_assert_eq(mprof->start_unix_ns, 7000000000u);
        mprof_free(mprof);
}

Test(mprof, lines_that_make_no_sense_are_refused) {
        static const char *const lines[] = {
                "MEM",
                "MEM 1.0",
                "MEM 1.0 2.0 3.0",
                "MEM x 2.0",
                "MEM 1.0 -2.0",
                "MEM nan 2.0",
                "MEM 1.0 inf",
                "MEM 0x10 2.0",
                "MEM 1e400 2.0",
                "MEM 1.0 99999999999",
                "MEM 1..0 2.0",
                "MEM 99999999999999 2.0",
                "CHLD 1.0 2.0",
                "CHLD -1 1.0 2.0",
                "CHLD 99999999999 1.0 2.0",
                "FUNC f 1 2 3",
                "FUNC f 1 3.0 2 2.0",
                "FUNC f 1 x 2 3",
                "MEM  1.0 2.0",
        };
        struct mprof *mprof;

        for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
                char text[100];

                snprintf(text, sizeof(text), "MEM 1.0 1.0\n%s\n", lines[i]);
                cr_assert_eq(read_text(text, &mprof), -EINVAL, "%s", lines[i]);
        }
        cr_assert_eq(read_text("CMDLINE a\n\n", &mprof), -EINVAL);
}

Test(trend, is_newey_wests) {
        static const double times[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 15 };
        static const double values[] = { 3, 5, 4, 8, 7, 12, 11, 10, 15, 14, 20, 19 };
        struct trend trend;

        cr_assert(trend_fit(times, values, 12, &trend));
        cr_assert_float_eq(trend.slope, 1.2074278941129988, 1e-9);
        cr_assert_float_eq(trend.intercept, 3.5227182931647567, 1e-9);
        cr_assert_float_eq(trend.slope_low, 0.9697936650113547, 1e-9);
        cr_assert_float_eq(trend.slope_high, 1.4450621232146428, 1e-9);
}

Test(trend, of_a_line_is_the_line) {
        double times[100], values[100];
        struct trend trend;

        for (int i = 0; i < 100; i++) {
                times[i] = 1e9 + i;
                values[i] = 7 - 3.0 * i;
        }
        cr_assert(trend_fit(times, values, 100, &trend));
        cr_assert_float_eq(trend.slope, -3, 1e-9);
        cr_assert_float_eq(trend.slope_low, -3, 1e-9);
        cr_assert_float_eq(trend.slope_high, -3, 1e-9);
}

Test(trend, needs_three_values_at_different_times) {
        static const double times[] = { 1, 1, 1, 2 }, values[] = { 1, 2, 3, 4 };
        struct trend trend;

        cr_assert_not(trend_fit(times, values, 2, &trend));
        cr_assert_not(trend_fit(times, values, 3, &trend));
        cr_assert(trend_fit(times, values, 4, &trend));
}
