/*
 * replay/when.c and moment.c: what a moment is called, after a file's name too, and which of them a trace
 * has.
 */
#include "base/message.h"
#include "load.h"
#include "replay/moment.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#define MS 1000000u

TestSuite(moments_named, .init = message_silence);

static void reads(const char *when, enum moment_kind kind, uint64_t value) {
        struct moment moment;

        cr_assert_eq(moment_read(when, &moment), 0, "%s", when);
        cr_assert_eq(moment.kind, kind, "%s", when);
        cr_assert_eq(moment.value, value, "%s: %llu", when, (unsigned long long)moment.value);
        cr_assert_str_eq(moment_name(&moment), when + (*when == '@'));
}

Test(moments_named, as_they_are_written) {
        static const char *const nothing[] = { "", "@", "-1s", "-0.5%", "@-1m30s" };
        struct moment moment;

        reads("peak", MOMENT_PEAK, 0);
        reads("@end", MOMENT_END, 0);
        reads("start", MOMENT_START, 0);
        reads("@12.5s", MOMENT_TIME, 12500 * (uint64_t)MS);
        reads("0s", MOMENT_TIME, 0);
        reads("250ms", MOMENT_TIME, 250 * (uint64_t)MS);
        reads("1500us", MOMENT_TIME, 1500000);
        reads("1m30s", MOMENT_TIME, 90000 * (uint64_t)MS);
        reads("2h0.5m1ms", MOMENT_TIME, 7230001 * (uint64_t)MS);
        reads("0.0000000019s", MOMENT_TIME, 1);
        reads("18446744073.709551615s", MOMENT_TIME, UINT64_MAX);
        reads("18446744073.709551616s", MOMENT_TIME, UINT64_MAX);
        reads("99999999999999999999999h", MOMENT_TIME, UINT64_MAX);
        reads("50%", MOMENT_SHARE, MOMENT_WHOLE / 2);
        reads("@33.3%", MOMENT_SHARE, 333000000);
        reads("100%", MOMENT_SHARE, MOMENT_WHOLE);
        reads("12", MOMENT_MARK, 0);
        reads("12.s", MOMENT_MARK, 0);
        reads("1s1m", MOMENT_MARK, 0);
        reads("1s ", MOMENT_MARK, 0);
        reads("1ss", MOMENT_MARK, 0);
        reads("%", MOMENT_MARK, 0);
        reads("-", MOMENT_MARK, 0);
        reads("Peak", MOMENT_MARK, 0);
        for (size_t i = 0; i < sizeof(nothing) / sizeof(*nothing); i++)
                cr_assert_lt(moment_read(nothing[i], &moment), 0, "%s", nothing[i]);
}

static void takes_apart(const char *operand, const char *wanted_path, const char *wanted_when) {
        struct moment moment;
        char *path;

        cr_assert_eq(moment_parse(operand, MOMENT_PEAK, &path, &moment), 0, "%s", operand);
        cr_assert_str_eq(path, wanted_path);
        cr_assert_eq(moment.given, wanted_when != NULL);
        cr_assert_str_eq(moment_name(&moment), wanted_when ? wanted_when : "peak");
        free(path);
}

Test(moments_named, after_the_name_of_a_file) {
        char directory[] = "/tmp/moments-XXXXXX", file[80], operand[120];
        struct moment moment;
        char *path;

        takes_apart("a.mtr", "a.mtr", NULL);
        takes_apart("d@x/a.mtr@end", "d@x/a.mtr", "end");
        takes_apart("/dev/null@user@home", "/dev/null", "user@home");
        cr_assert(mkdtemp(directory));
        snprintf(file, sizeof(file), "%s/a@b", directory);
        fclose(fopen(file, "w"));
        takes_apart(file, file, NULL);
        snprintf(operand, sizeof(operand), "%s@50%%", file);
        takes_apart(operand, file, "50%");
        remove(file);
        remove(directory);
        cr_assert_lt(moment_parse("a.mtr@", MOMENT_PEAK, &path, &moment), 0);
}

static struct trace *named(struct tb **out) {
        static const char *const names[] = { "a", "b", "a", "peak", "b#2", "12s", "a#9" };
        struct tb *tb = *out = tb_new(1, MTR_STORED);
        uint32_t site = tb_site(tb, 0, 8, MTR_KIND_MALLOC);

        for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
                tb_alloc(tb, site);
                tb_mark(tb, MTR_MARK, names[i]);
        }
        tb_at(tb, 5 * MS + 1);
        tb_alloc(tb, site);
        tb_end(tb, MTR_END_EXITED, 0);
        return load_whole(tb);
}

/* After how many events; -1: it is refused. */
static long finds(struct trace *trace, const char *when) {
        struct replay_instant instant;
        struct moment moment;
        uint64_t time_ns;

        cr_assert_eq(moment_read(when, &moment), 0);
        return moment_locate(trace, &moment, &instant, &time_ns) < 0 ? -1 : (long)instant.event;
}

Test(moments_named, that_a_trace_has_and_has_not) {
        static const struct {
                const char *when;
                long event;
        } cases[] = { { "a", 1 },       { "a#1", 1 },   { "a#2", 3 },      { "a#3", -1 },  { "a#0", -1 },
                      { "b", 2 },       { "b#2", 5 },   { "peak#1", 4 },   { "12s#1", 6 }, { "a#9", 7 },
                      { "a#9#1", 7 },   { "c", -1 },    { "#1", -1 },      { "a#", -1 },   { "4ms", 7 },
                      { "5ms", 8 },     { "6ms", 8 },   { "6.001ms", -1 }, { "12s", -1 },  { "100%", 8 },
                      { "100.1%", -1 }, { "9999h", -1 } };
        struct tb *tb;
        struct trace *trace = named(&tb);

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
                cr_assert_eq(finds(trace, cases[i].when), cases[i].event, "%s: %ld", cases[i].when,
                             finds(trace, cases[i].when));
        trace_free(trace);
        tb_free(tb);
}
