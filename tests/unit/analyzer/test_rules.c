/*
 * judge/rules.h and judge/rules_file.h: limits from options and from a file, which of them holds, and what is
 * said of those that make no sense.
 */
#include "judge/rules_file.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BEGIN "{\"schema\": \"memtrace-check/1\""

static struct rules rules;
static struct rules_file file;

static void set_up(void) {
        rules = (struct rules){ .command = "check" };
        file = (struct rules_file){ 0 };
}

static void tear_down(void) {
        rules_deinit(&rules);
        rules_file_deinit(&file);
}

TestSuite(rules, .init = set_up, .fini = tear_down);
TestSuite(rules_file, .init = set_up, .fini = tear_down);

static void is_text(const char *text, const char *wanted) {
        cr_expect((!text && !wanted) || (text && wanted && strcmp(text, wanted) == 0), "%s, not %s",
                  text ? text : "NULL", wanted ? wanted : "NULL");
}

/* "4096B", "4096B,10", "10", "0.05" */
static void tell_amount(const struct check_amount *amount, char *told, size_t room) {
        int length = 0;

        if (amount->has_bytes)
                length = snprintf(told, room, "%lluB", (unsigned long long)amount->bytes);
        if (amount->has_count)
                length += snprintf(told + length, room - (size_t)length, length > 0 ? ",%llu" : "%llu",
                                   (unsigned long long)amount->count);
        if (amount->has_share)
                snprintf(told + length, room - (size_t)length, "%g", amount->share);
}

/* The rule of that number is "kind scope glob program: amount: origin". */
static void is_rule(size_t number, const char *wanted) {
        static const char *const scopes[] = { "whole", "each", "places" };
        const struct rule *rule = &rules.items[number];
        char told[256], amount[64];

        cr_assert_lt(number, rules.count);
        tell_amount(&rule->limit.amount, amount, sizeof(amount));
        snprintf(told, sizeof(told), "%s %s %s %s: %s: %s%s", check_kind_names[rule->limit.kind],
                 scopes[rule->scope], rule->glob ? rule->glob : "-", rule->program ? rule->program : "-",
                 amount, rule->origin, rule->given ? ", given" : "");
        cr_expect_str_eq(told, wanted);
}

Test(rules, options_are_limits_on_the_whole) {
        cr_assert_eq(rules_take_max(&rules, "max-leak", CHECK_LEAK, "4K,10"), 0);
        cr_assert_eq(rules_take_max(&rules, "max-temporary", CHECK_TEMPORARY, "5%"), 0);
        cr_assert_eq(rules_take_max(&rules, "max-growth", CHECK_BASELINE, "10%"), 0);
        cr_assert_eq(rules.count, 3);
        is_rule(0, "leak whole - -: 4096B,10: --max-leak 4K,10, given");
        is_rule(1, "temporary whole - -: 0.05: --max-temporary 5%, given");
        is_rule(2, "baseline whole - -: 0.1: --max-growth 10%, given");
}

Test(rules, or_on_each_place) {
        cr_assert_eq(rules_take_max(&rules, "max-leak", CHECK_LEAK, "4K"), 0);
        cr_assert_eq(rules_take_max(&rules, "max-growth", CHECK_BASELINE, "1K"), 0);
        cr_assert_eq(rules_take_max(&rules, "min-slope", CHECK_GROWTH, "1K"), 0);
        cr_assert_eq(rules_take_limit(&rules, "*.c:leak=0"), 0);
        rules_each(&rules);
        is_rule(0, "leak each - -: 4096B: --max-leak 4K, given");
        is_rule(1, "baseline whole - -: 1024B: --max-growth 1K, given");
        is_rule(2, "growth whole - -: 1024B: --min-slope 1K, given");
        is_rule(3, "leak places *.c -: 0B,0: --limit *.c:leak=0, given");
}

Test(rules, a_glob_ends_at_the_last_colon_before_a_limit) {
        static const char *const given[] = { "src/cache/*:leak=4K,10", "lib:z.so:total=1M",
                                             "a:leak=1:peak=2K",       "a:leak=:allocs=7",
                                             "a:leaky=3:temporary=3",  "=::peak=4K" };

        for (size_t i = 0; i < sizeof(given) / sizeof(*given); i++)
                cr_assert_eq(rules_take_limit(&rules, given[i]), 0, "%s", given[i]);
        is_rule(0, "leak places src/cache/* -: 4096B,10: --limit src/cache/*:leak=4K,10, given");
        is_rule(1, "total places lib:z.so -: 1048576B: --limit lib:z.so:total=1M, given");
        is_rule(2, "peak places a:leak=1 -: 2048B: --limit a:leak=1:peak=2K, given");
        is_rule(3, "allocs places a:leak= -: 7: --limit a:leak=:allocs=7, given");
        is_rule(4, "temporary places a:leaky=3 -: 3: --limit a:leaky=3:temporary=3, "
                   "given");
        is_rule(5, "peak places =: -: 4096B: --limit =::peak=4K, given");
}

Test(rules, the_same_twice_is_once) {
        cr_assert_eq(rules_take_max(&rules, "max-leak", CHECK_LEAK, "4K"), 0);
        cr_assert_eq(rules_take_max(&rules, "max-leak", CHECK_LEAK, "4096B"), 0);
        cr_assert_eq(rules_take_max(&rules, "max-peak", CHECK_PEAK, "4K"), 0);
        cr_assert_eq(rules_take_limit(&rules, "a:leak=4K"), 0);
        cr_assert_eq(rules_take_limit(&rules, "a:leak=4KiB"), 0);
        cr_assert_eq(rules_take_limit(&rules, "b:leak=8K"), 0);
        cr_assert_eq(rules.count, 4);
        is_rule(0, "leak whole - -: 4096B: --max-leak 4K, given");
        is_rule(3, "leak places b -: 8192B: --limit b:leak=8K, given");
        cr_expect_eq(rules_find(&rules, CHECK_PEAK), &rules.items[1]);
        cr_expect_eq(rules_find(&rules, CHECK_LEAK), &rules.items[0]);
        cr_expect_null(rules_find(&rules, CHECK_BASELINE));
}

Test(rules, only_what_is_of_no_glob_and_program_is_found) {
        const struct rule rule = { .limit.kind = CHECK_LEAK,
                                   .program = (char *)"p",
                                   .origin = (char *)"f:1" };

        cr_assert_eq(rules_take_limit(&rules, "a:leak=4K"), 0);
        cr_assert_eq(rules_add(&rules, &rule), 0);
        cr_assert_null(rules_find(&rules, CHECK_LEAK));
        cr_assert_eq(rules_take_max(&rules, "max-leak", CHECK_LEAK, "4K"), 0);
        cr_assert_eq(rules.count, 3);
        cr_assert_eq(rules_find(&rules, CHECK_LEAK), &rules.items[2]);
}

Test(rules, what_makes_no_sense_is_said_once) {
        cr_redirect_stderr();
        cr_expect_eq(rules_take_max(&rules, "max-leak", CHECK_LEAK, "512"), -EINVAL);
        cr_expect_eq(rules_take_max(&rules, "max-leak", CHECK_LEAK, "4K"), 0);
        cr_expect_eq(rules_take_max(&rules, "max-leak", CHECK_LEAK, "8K"), -EINVAL);
        cr_expect_eq(rules_take_max(&rules, "max-leak", CHECK_LEAK, "4K,1"), -EINVAL);
        cr_expect_eq(rules_take_max(&rules, "max-leak", CHECK_LEAK, "4K,0"), -EINVAL);
        cr_expect_eq(rules_take_limit(&rules, "a:leak=4K,1"), 0);
        cr_expect_eq(rules_take_limit(&rules, "a:leak=4K,2"), -EINVAL);
        cr_expect_eq(rules_take_limit(&rules, "a:leak=10KB"), -EINVAL);
        cr_expect_eq(rules_take_limit(&rules, ":leak=4K"), -EINVAL);
        cr_expect_eq(rules_take_limit(&rules, "leak=4K"), -EINVAL);
        cr_expect_eq(rules_take_limit(&rules, "a:leak"), -EINVAL);
        cr_expect_eq(rules_take_limit(&rules, "a:leaks=4K"), -EINVAL);
        cr_expect_eq(rules_take_limit(&rules, "a:baseline=4K"), -EINVAL);
        cr_expect_eq(rules_take_limit(&rules, ""), -EINVAL);
        fflush(stderr);
#define WRITE "; write GLOB:leak=4K, where leak may also be peak, total, allocs or temporary\n"
        cr_assert_stderr_eq_str(
                "memtrace: check: --max-leak 512: 512 of what? write 512B or 512K\n"
                "memtrace: check: --max-leak 4K and --max-leak 8K contradict each other\n"
                "memtrace: check: --max-leak 4K and --max-leak 4K,1 contradict each other\n"
                "memtrace: check: --max-leak 4K and --max-leak 4K,0 contradict each other\n"
                "memtrace: check: --limit a:leak=4K,1 and --limit a:leak=4K,2 contradict each other\n"
                "memtrace: check: --limit a:leak=10KB: is KB 1000 or 1024 to the step? write 10K, which is "
                "by 1024\n"
                "memtrace: check: --limit :leak=4K: no glob before the colon" WRITE
                "memtrace: check: --limit leak=4K: no limit in it" WRITE
                "memtrace: check: --limit a:leak: no limit in it" WRITE
                "memtrace: check: --limit a:leaks=4K: no limit in it" WRITE
                "memtrace: check: --limit a:baseline=4K: no limit in it" WRITE
                "memtrace: check: --limit : no limit in it" WRITE);
        cr_expect_eq(rules.count, 2);
}

Test(rules, more_than_a_thousand_are_refused) {
        char value[32];

        for (int i = 0; i < 1000; i++) {
                snprintf(value, sizeof(value), "%d:leak=0", i);
                cr_assert_eq(rules_take_limit(&rules, value), 0);
        }
        cr_redirect_stderr();
        cr_expect_eq(rules_take_limit(&rules, "0:leak=0"), 0, "it is there");
        cr_expect_eq(rules_take_limit(&rules, "one:leak=0"), -E2BIG);
        fflush(stderr);
        cr_assert_stderr_eq_str("memtrace: check: --limit one:leak=0: more than 1000 limits\n");
}

static int read_as(const char *path, const char *text) {
        return rules_file_read(text, strlen(text), path, &rules, &file);
}

Test(rules_file, says_all_that_the_options_say) {
        cr_assert_eq(read_as("memtrace.check.json",
                             BEGIN ",\n"
                                   " \"limits\": {\"leak\": \"4K,10\", \"allocs\": 1000},\n"
                                   " \"each\": {\"peak\": \"1M\",\n"
                                   "  \"temporary\": \"5%\"},\n"
                                   " \"places\": {\"*.c\": {\"total\": \"1G\"}, \"b\":\n"
                                   "  {\"leak\": 0}},\n"
                                   " \"limits \": 1}"),
                     -EINVAL);
        cr_assert_eq(rules.count, 6, "what stands before a mistake was read");
        is_rule(0, "leak whole - -: 4096B,10: memtrace.check.json:2");
        is_rule(1, "allocs whole - -: 1000: memtrace.check.json:2");
        is_rule(2, "peak each - -: 1048576B: memtrace.check.json:3");
        is_rule(3, "temporary each - -: 0.05: memtrace.check.json:4");
        is_rule(4, "total places *.c -: 1073741824B: memtrace.check.json:5");
        is_rule(5, "leak places b -: 0B,0: memtrace.check.json:6");
}

Test(rules_file, what_is_of_a_program_is_of_it_alone) {
        cr_assert_eq(read_as("r", BEGIN ", \"programs\": {\"a*\": {\"places\": {\"*.c\": {\"leak\": 0}},\n"
                                        "\"each\": {\"leak\": \"1K\"}, \"limits\": {\"leak\": \"2K\"}},\n"
                                        "\"b\": {\"comment\": {}, \"limits\": {\"leak\": \"3K\"}}},\n"
                                        "\"limits\": {\"leak\": \"4K\"}, \"each\": {\"leak\": \"5K\"}}"),
                     0);
        cr_assert_eq(rules.count, 6);
        is_rule(0, "leak places *.c a*: 0B,0: r:1");
        is_rule(1, "leak each - a*: 1024B: r:2");
        is_rule(2, "leak whole - a*: 2048B: r:2");
        is_rule(3, "leak whole - b: 3072B: r:3");
        is_rule(4, "leak whole - -: 4096B: r:4");
        is_rule(5, "leak each - -: 5120B: r:4");
}

Test(rules_file, how_to_judge) {
        cr_assert_eq(
                read_as("ci/rules.json", BEGIN
                        ", \"by\": \"module\", \"default_suppressions\": false,\n"
                        "\"baseline\": {\"file\": \"base.json\", \"max_growth\": \"10%\"}, \"each\": {},\n"
                        "\"growth\": {\"repeat\": \"mark:request\",\n"
                        "  \"min_slope\": \"1K\", \"warm_up\": 3, \"false_alarm_rate\": 0.25},\n"
                        "\"suppressions\": [\"../a.supp\",\n"
                        "  \"/etc/b.supp\"]}"),
                0);
        cr_expect(file.has_by && file.by == AGGREGATE_MODULE);
        cr_expect(file.no_default_suppressions && file.growth && file.false_alarm_rate == 0.25);
        is_text(file.settings[RULES_BASELINE].text, "ci/base.json");
        is_text(file.settings[RULES_BASELINE].origin, "ci/rules.json:2");
        is_text(file.settings[RULES_REPEAT].text, "mark:request");
        is_text(file.settings[RULES_REPEAT].origin, "ci/rules.json:3");
        is_text(file.settings[RULES_WARM_UP].text, "3");
        is_text(file.settings[RULES_WARM_UP].origin, "ci/rules.json:4");
        cr_assert_eq(file.suppression_count, 2);
        is_text(file.suppressions[0].text, "ci/../a.supp");
        is_text(file.suppressions[0].origin, "ci/rules.json:5");
        is_text(file.suppressions[1].text, "/etc/b.supp");
        is_text(file.suppressions[1].origin, "ci/rules.json:6");
        cr_assert_eq(rules.count, 2);
        is_rule(0, "baseline whole - -: 0.1: ci/rules.json:2");
        is_rule(1, "growth whole - -: 1024B: ci/rules.json:4");
}

Test(rules_file, what_is_not_said) {
        cr_assert_eq(read_as("memtrace.check.json", BEGIN ", \"default_suppressions\": true,\n"
                                                          "\"baseline\": {\"file\": \"base.json\"}}"),
                     0);
        cr_expect_not(file.has_by || file.growth || file.no_default_suppressions);
        cr_expect(file.false_alarm_rate == 0);
        is_text(file.settings[RULES_BASELINE].text, "base.json");
        is_text(file.settings[RULES_REPEAT].text, NULL);
        is_text(file.settings[RULES_WARM_UP].text, NULL);
        cr_expect_eq(file.suppression_count, 0);
        cr_expect_eq(rules.count, 0);
}

Test(rules_file, an_option_holds_where_both_set_the_same) {
        cr_assert_eq(rules_take_max(&rules, "max-leak", CHECK_LEAK, "8K"), 0);
        cr_assert_eq(rules_take_max(&rules, "max-growth", CHECK_BASELINE, "1%"), 0);
        cr_assert_eq(rules_take_limit(&rules, "a:peak=1K"), 0);
        cr_assert_eq(read_as("r",
                             BEGIN ", \"limits\": {\"leak\": \"4K\", \"peak\": \"4K\"},"
                                   "\"each\": {\"leak\": \"2K\"}, \"baseline\": {\"max_growth\": \"2%\"},"
                                   "\"places\": {\"a\": {\"peak\": 0}, \"b\": {\"peak\": 0}},"
                                   "\"programs\": {\"p\": {\"limits\": {\"leak\": \"1K\"}}}}"),
                     0);
        cr_assert_eq(rules.count, 7);
        is_rule(0, "leak whole - -: 8192B: --max-leak 8K, given");
        is_rule(1, "baseline whole - -: 0.01: --max-growth 1%, given");
        is_rule(2, "peak places a -: 1024B: --limit a:peak=1K, given");
        is_rule(3, "peak whole - -: 4096B: r:1");
        is_rule(4, "leak each - -: 2048B: r:1");
        is_rule(5, "peak places b -: 0B: r:1");
        is_rule(6, "leak whole - p: 1024B: r:1");
}

Test(rules_file, mistakes_are_said_with_their_line_and_key) {
        static const struct {
                const char *text, *said;
        } known[] = {
                { BEGIN ",\n\n\"limits\": {\"leak\":\n 512}}", "r:4: leak: 512 of what? write 512B or 512K" },
                { BEGIN ",\n\"limits\": {\"peak\": \"10KB\"}}",
                  "r:2: peak: is KB 1000 or 1024 to the step? write 10K, which is by 1024" },
                { BEGIN ",\n\"limit\": {}}",
                  "r:2: \"limit\" is not known here; known are schema, limits, each, by, places, programs, "
                  "baseline, growth, suppressions, default_suppressions, comment" },
                { BEGIN ", \"each\": {\n\"growth\": 1}}", "r:2: \"growth\" is not known here; known are "
                                                          "leak, peak, total, allocs, temporary, comment" },
                { BEGIN ", \"programs\": {\"p\": {\n\"by\": \"line\"}}}",
                  "r:2: \"by\" is not known here; known are limits, each, places, comment" },
                { BEGIN ", \"baseline\": {\n\"name\": \"b\"}}",
                  "r:2: \"name\" is not known here; known are file, max_growth, comment" },
                { BEGIN ", \"growth\": {\n\"by\": \"b\"}}",
                  "r:2: \"by\" is not known here; known are repeat, min_slope, warm_up, false_alarm_rate, "
                  "comment" },
                { BEGIN ",\n\"limits\": [1]}", "r:2: limits: not an object" },
                { BEGIN ",\n\"places\": {\"*.c\": \"4K\"}}", "r:2: *.c: not an object" },
                { BEGIN ",\n\"places\": {\"\": {}}}", "r:2: an empty glob" },
                { BEGIN ",\n\"programs\": {\"\": {}}}", "r:2: an empty glob" },
                { BEGIN ",\n\"suppressions\": \"a\"}", "r:2: suppressions: not an array" },
                { BEGIN ",\n\"suppressions\": [\"a\",\n\"\"]}", "r:3: suppressions: an empty text" },
                { BEGIN ",\n\"suppressions\": [7]}", "r:2: suppressions: not a text" },
                { BEGIN ",\n\"default_suppressions\": 0}",
                  "r:2: default_suppressions: neither true nor false" },
                { BEGIN ",\n\"by\": \"thread\"}",
                  "r:2: by: thread is none of line, function, file and module" },
                { BEGIN ",\n\"by\": \"lines\"}",
                  "r:2: by: lines is none of line, function, file and module" },
                { BEGIN ",\n\"by\": true}", "r:2: by: not a text" },
                { BEGIN ",\n\"limits\": {\"leak\": false}}", "r:2: leak: neither a text nor a whole number" },
                { BEGIN ",\n\"limits\": {\"allocs\": 1.5}}",
                  "r:2: allocs: neither a text nor a whole number" },
                { BEGIN ",\n\"growth\": {\"false_alarm_rate\": 1}}",
                  "r:2: false_alarm_rate: not a number above 0 and below 1" },
                { BEGIN ",\n\"growth\": {\"false_alarm_rate\": \"0.1\"}}",
                  "r:2: false_alarm_rate: not a number above 0 and below 1" },
                { BEGIN ",\n\"growth\": {\"repeat\": 5}}", "r:2: repeat: not a text" },
                { BEGIN ",\n\"growth\": {\"min_slope\": \"5%\"}}",
                  "r:2: min_slope: a percentage makes no sense here; write a size as 4K or 1.5M" },
                { "{\n\"schema\": \"memtrace-check/2\", \"quota\": 1}",
                  "r:2: schema: memtrace-check/2 is not known, only memtrace-check/1 is" },
                { "{\"quota\": 1,\n\"schema\": \"memtrace-check/2\"}",
                  "r:2: schema: memtrace-check/2 is not known, only memtrace-check/1 is" },
                { "{\n\"schema\": 1}", "r:2: schema: not a text" },
                { "{}", "r:1: it has no \"schema\"" },
                { "[]", "r:1: not an object" },
                { BEGIN "}\n{", "r:2: something behind the end" },
                { BEGIN ",\n\n \"limits\": {\"leak\": \"4K\",\n\"leak\": \"8K\"}}",
                  "r:4: duplicate object key near '\"leak\"'" },
        };
        char *all;
        size_t length;
        FILE *said = open_memstream(&all, &length);

        cr_redirect_stderr();
        for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
                cr_expect_eq(read_as("r", known[i].text), -EINVAL, "%s", known[i].text);
                fprintf(said, "memtrace: %s\n", known[i].said);
        }
        fclose(said);
        fflush(stderr);
        cr_expect_stderr_eq_str(all);
        free(all);
        cr_expect_eq(rules.count, 0);
}

/* So many files of suppressions, each on a line of its own. */
static int read_suppressions(unsigned count) {
        char *text;
        size_t length;
        FILE *stream = open_memstream(&text, &length);
        int error;

        fputs(BEGIN ", \"suppressions\": [\"a\"", stream);
        for (unsigned i = 1; i < count; i++)
                fputs(",\n\"a\"", stream);
        fputs("]}", stream);
        fclose(stream);
        error = read_as("r", text);
        free(text);
        return error;
}

Test(rules_file, more_than_a_thousand_suppressions_are_refused) {
        cr_assert_eq(read_suppressions(1000), 0);
        cr_assert_eq(file.suppression_count, 1000);
        rules_file_deinit(&file);
        cr_redirect_stderr();
        cr_assert_eq(read_suppressions(1001), -EINVAL);
        fflush(stderr);
        cr_assert_stderr_eq_str("memtrace: r:1001: suppressions: more than 1000\n");
}

Test(rules_file, from_a_file) {
        static const char text[] = BEGIN ", \"limits\": {\"leak\": 0}, \"suppressions\": [\"a\"]}";
        char path[] = "/tmp/memtrace-rules-XXXXXX";
        char origin[64];
        int fd = mkstemp(path);

        cr_assert(fd >= 0 && write(fd, text, sizeof(text) - 1) == (ssize_t)sizeof(text) - 1 &&
                  close(fd) == 0);
        cr_expect_eq(rules_file_open(path, &rules, &file), 0);
        snprintf(origin, sizeof(origin), "leak whole - -: 0B,0: %s:1", path);
        is_rule(0, origin);
        is_text(file.suppressions[0].text, "/tmp/a");
        unlink(path);
        cr_redirect_stderr();
        cr_expect_lt(rules_file_open("/nonexistent/r", &rules, &file), 0);
        fflush(stderr);
        cr_assert_stderr_eq_str("memtrace: /nonexistent/r: cannot open: No such file or directory\n");
}
