/*
 * What the outputs of checks have in common: sentences, numbers beside their limits, stacks, paths, and what
 * of many findings is shown. Whole documents are held against golden ones in tests/cli.
 */
#include "check_samples.h"

#include "render/check_github.h"
#include "render/check_output.h"
#include "render/check_places.h"
#include "render/check_text.h"
#include "render/check_words.h"
#include "render/sparkline.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct check_output plain = { .limit = 10, .frame_limit = 20 };

static char *made;
static size_t length;

static FILE *begin(void) {
        FILE *stream = open_memstream(&made, &length);

        cr_assert(stream);
        return stream;
}

static void expect(FILE *stream, const char *wanted) {
        cr_assert_eq(fclose(stream), 0);
        cr_expect_str_eq(made, wanted);
        free(made);
}

static void expect_result(const struct check *check, const char *wanted) {
        FILE *stream = begin();

        check_words_result(check, stream);
        expect(stream, wanted);
}

static struct check_amount bytes(uint64_t value) {
        return (struct check_amount){ .has_bytes = true, .bytes = value };
}

static struct check_amount count(uint64_t value) {
        return (struct check_amount){ .has_count = true, .count = value };
}

static struct check_amount both(uint64_t size, uint64_t blocks) {
        return (struct check_amount){ .has_bytes = true, .has_count = true, .bytes = size, .count = blocks };
}

static struct check_amount share(double value) {
        return (struct check_amount){ .has_share = true, .share = value };
}

Test(words, a_sum_is_told_with_its_limit) {
        expect_result(&(struct check){ .kind = CHECK_LEAK, .actual = both(18432, 20), .limit = bytes(4096) },
                      "18.0 KiB in 20 blocks, limit 4096 B");
        expect_result(&(struct check){ .kind = CHECK_LEAK, .actual = both(1, 1), .limit = both(0, 1) },
                      "1 B in 1 block, limit 0 B in 1 block");
        expect_result(&(struct check){ .kind = CHECK_TOTAL, .actual = both(2, 2), .limit = bytes(3) },
                      "2 B in 2 allocations, limit 3 B");
        expect_result(&(struct check){ .kind = CHECK_ALLOCS, .actual = count(12), .limit = count(10) },
                      "12, limit 10");
}

Test(words, what_rounding_would_make_alike_is_exact) {
        expect_result(&(struct check){ .kind = CHECK_PEAK, .actual = bytes(10241), .limit = bytes(10240) },
                      "10241 B, limit 10240 B");
        expect_result(&(struct check){ .kind = CHECK_PEAK, .actual = bytes(10240), .limit = bytes(10240) },
                      "10.0 KiB, limit 10.0 KiB");
        expect_result(
                &(struct check){ .kind = CHECK_TEMPORARY, .actual = share(0.10004), .limit = share(0.1) },
                "10.004%, limit 10.000%");
        expect_result(&(struct check){ .kind = CHECK_TEMPORARY, .actual = share(0.1), .limit = share(0.1) },
                      "10.0%, limit 10.0%");
}

Test(words, each_place_is_told_by_the_worst) {
        struct check_finding findings[3] = { { .undecided = true }, { 0 }, { 0 } };
        struct check check = { .kind = CHECK_LEAK, .each = true, .actual = bytes(5), .limit = bytes(4) };

        expect_result(&check, "at most 5 B, limit 4 B");
        check.verdict = CHECK_FAILED;
        check.findings = findings;
        check.finding_count = 3;
        check.finding_total = 7;
        expect_result(&check, "5 B at the worst of 6 places, limit 4 B");
        check.finding_count = check.finding_total = 2;
        expect_result(&check, "5 B at one place, limit 4 B");
}

Test(words, changes_have_signs) {
        expect_result(&(struct check){ .kind = CHECK_BASELINE, .actual = bytes(5), .limit = bytes(4) },
                      "+5 B, limit +4 B");
        expect_result(&(struct check){ .kind = CHECK_GROWTH, .actual = bytes(5), .limit = bytes(6) },
                      "at most +5 B, limit +6 B a repetition");
}

Test(words, what_is_undecided_says_why) {
        expect_result(&(struct check){ .kind = CHECK_GROWTH,
                                       .verdict = CHECK_UNDECIDED,
                                       .why = (char *)"5 of 9\33" },
                      "5 of 9\\x1b");
        expect_result(&(struct check){ .kind = CHECK_LEAK, .verdict = CHECK_UNDECIDED },
                      "it is not known why");
}

static void expect_name(const struct check *check, const char *wanted) {
        FILE *stream = begin();

        check_words_name(check, stream);
        expect(stream, wanted);
}

Test(words, names_say_whose_what_and_where) {
        struct check check = { .kind = CHECK_LEAK };

        expect_name(&check, "leak");
        check.each = true;
        expect_name(&check, "leak of each place");
        check.glob = (char *)"src/*\n";
        expect_name(&check, "leak of each place in src/*\\x0a");
        check.each = false;
        expect_name(&check, "leak of src/*\\x0a");
        check.subject = (char *)"server (12)";
        expect_name(&check, "server (12): leak of src/*\\x0a");
        check = (struct check){ .kind = CHECK_BASELINE, .each = true, .subject = (char *)"" };
        expect_name(&check, "growth since the baseline");
        check.kind = CHECK_GROWTH;
        expect_name(&check, "steady growth");
}

static void expect_finding(const struct check *check, const struct check_finding *finding,
                           const char *wanted) {
        FILE *stream = begin();

        check_words_finding(check, finding, stream);
        expect(stream, wanted);
}

Test(words, a_place_beside_the_baseline) {
        const struct check check = { .kind = CHECK_BASELINE };
        struct check_finding finding = { .actual = both(3072, 3), .before = both(1024, 1) };

        expect_finding(&check, &finding, "3072 B in 3 blocks, was 1024 B in 1 block (+2048 B, +200.0%)");
        finding.before = both(0, 0);
        expect_finding(&check, &finding, "3072 B in 3 blocks, was 0 B in 0 blocks (+3072 B)");
        finding.before = both(4096, 3);
        expect_finding(&check, &finding, "3072 B in 3 blocks, was 4096 B in 3 blocks (-1024 B, -25.0%)");
        finding.before = (struct check_amount){ 0 };
        expect_finding(&check, &finding, "3072 B in 3 blocks, new");
        finding = (struct check_finding){ .actual = count(3), .before = count(2) };
        expect_finding(&check, &finding, "3 blocks, was 2 blocks");
}

Test(words, a_trend_with_its_evidence) {
        const struct check check = { .kind = CHECK_GROWTH };
        struct check_trend trend = { .slope = 12.34,
                                     .slope_low = -0.5,
                                     .slope_high = 20480,
                                     .confidence = 0.99,
                                     .p = 0.000123,
                                     .p_adjusted = 0.5 };
        struct check_finding finding = { .actual = bytes(1), .trend = &trend };

        expect_finding(&check, &finding,
                       "+12.3 B a repetition (99% confidence: -0.5 B to +20.0 KiB), p = 0.00012 (0.5 "
                       "corrected for all places)");
        finding.undecided = true;
        finding.why = (char *)"too few";
        expect_finding(&check, &finding, "cannot judge: too few");
}

Test(words, allocations_have_their_noun_where_no_name_says_it) {
        struct check_finding finding = { .actual = count(1) };

        expect_finding(&(struct check){ .kind = CHECK_ALLOCS }, &finding, "1 allocation");
        finding.actual.count = 2;
        expect_finding(&(struct check){ .kind = CHECK_TEMPORARY }, &finding, "2 temporary allocations");
}

static void expect_verdict(size_t passed, size_t failed, size_t undecided, const char *wanted) {
        struct check items[9] = { 0 };
        struct checks checks = { .items = items, .count = passed + failed + undecided };
        FILE *stream = begin();

        for (size_t i = passed; i < checks.count; i++)
                items[i].verdict = i < passed + failed ? CHECK_FAILED : CHECK_UNDECIDED;
        check_words_verdict(&checks, stream);
        expect(stream, wanted);
}

Test(words, the_verdict_counts) {
        expect_verdict(1, 0, 0, "1 check passed");
        expect_verdict(3, 0, 0, "3 checks passed");
        expect_verdict(3, 2, 0, "2 of 5 checks failed");
        expect_verdict(0, 1, 0, "1 of 1 check failed");
        expect_verdict(1, 1, 2, "1 of 4 checks failed, 2 cannot be judged");
        expect_verdict(2, 0, 1, "1 of 3 checks cannot be judged");
}

static void expect_trace(size_t trace_count, const char *name, const char *wanted) {
        char *traces[2] = { (char *)name, (char *)"b.mtr" };

        cr_expect_str_eq(check_words_trace(&(struct checks){ .traces = traces, .trace_count = trace_count }),
                         wanted);
}

Test(words, advice_names_the_trace_where_a_shell_takes_it) {
        expect_trace(1, "run/a-1_2.mtr", "run/a-1_2.mtr");
        expect_trace(2, "a.mtr", "TRACE");
        expect_trace(0, "a.mtr", "TRACE");
        expect_trace(1, "a b.mtr", "TRACE");
        expect_trace(1, "$(x).mtr", "TRACE");
        expect_trace(1, "-rf", "TRACE");
        expect_trace(1, "", "TRACE");
}

static void expect_path(const char *root, const char *directory, const char *file, const char *wanted) {
        const struct check_output output = { .root = root };
        const struct symbol_frame frame = {
                .file = file, .directory = directory, .line = 1, .has_line = true
        };
        char *path = check_output_path(&output, &frame);

        cr_expect_str_eq(path, wanted);
        free(path);
}

Test(output, paths_are_those_of_the_project) {
        expect_path("/w", "/w/build", "../src/a.c", "src/a.c");
        expect_path("/w///", "/w/build", "../src/a.c", "src/a.c");
        expect_path("/w", NULL, "/w/src/./a.c", "src/a.c");
        expect_path("/w", NULL, "/work/a.c", "/work/a.c");
        expect_path("/w", NULL, "/w", "/w");
        expect_path("/", NULL, "/x/a.c", "/x/a.c");
        expect_path(NULL, NULL, "/w/src/a.c", "/w/src/a.c");
        expect_path(NULL, "/elsewhere/build", "src/../lib/a.c", "lib/a.c");
        expect_path("/w", "/elsewhere/build", "../src/a.c", "/elsewhere/src/a.c");
        expect_path("/w", "/elsewhere/build", "..", "/elsewhere");
        expect_path("/w", "/elsewhere/build", "..a.c", "..a.c");
        expect_path("/w", ".", "src/a.c", "src/a.c");
}

static void expect_root(const char *workspace, const char *wanted) {
        char *root;

        if (workspace)
                cr_assert_eq(setenv("GITHUB_WORKSPACE", workspace, 1), 0);
        else
                unsetenv("GITHUB_WORKSPACE");
        root = check_output_root();
        cr_expect_str_eq(root, wanted);
        free(root);
}

Test(output, the_root_is_the_workspace_or_the_current_directory) {
        cr_assert_eq(chdir("/usr/bin"), 0);
        expect_root(NULL, "/usr/bin");
        expect_root("", "/usr/bin");
        expect_root("relative", "/usr/bin");
        expect_root("/w/./x/", "/w/x");
}

static void expect_sparkline(const uint64_t *values, size_t value_count, const char *wanted) {
        FILE *stream = begin();

        sparkline_put(stream, values, value_count);
        expect(stream, wanted);
}

Test(sparkline, goes_from_the_lowest_to_the_highest) {
        uint64_t many[80];

        expect_sparkline((const uint64_t[]){ 5, 14, 6, 10 }, 4, "0915");
        expect_sparkline((const uint64_t[]){ 7, 7 }, 2, "00");
        expect_sparkline((const uint64_t[]){ 0, UINT64_MAX }, 2, "09");
        expect_sparkline(NULL, 0, "");
        for (size_t i = 0; i < 80; i++)
                many[i] = i % 2 ? 1000 : i / 2; /* each sign is the lower of two */
        expect_sparkline(many, 80, "0001111222233333444455556666677778888999");
}

Test(places, the_stack_begins_where_it_is_charged_and_ends_where_it_is_told_to) {
        const struct symbol_frame deep[] = { { .file = "a.c", .line = 1, .has_line = true, .function = "a" },
                                             { .file = "b.c", .line = 2, .has_line = true, .function = "b" },
                                             { .file = "lib:f+0x10", .function = "f", .module = "/lib" },
                                             { .file = "<unknown>" } };
        const struct symbol_frame *frames[] = { &deep[0], &deep[1], &deep[2], &deep[3] };
        const struct check_finding finding = { .frames = frames, .frame_count = 4, .charged = 1 };
        FILE *stream = begin();

        cr_assert_eq(check_places_traceback(&plain, &finding, stream), 0);
        expect(stream, "  File \"b.c\", line 2, in b\n  File \"lib:f+0x10\"\n  File \"<unknown>\", line 0\n");
        stream = begin();
        cr_assert_eq(check_places_traceback(&(struct check_output){ .frame_limit = 1 }, &finding, stream), 0);
        expect(stream, "  File \"b.c\", line 2, in b\n  and 2 more frames\n");
        stream = begin();
        cr_assert_eq(check_places_traceback(&(struct check_output){ .frame_limit = 2 }, &finding, stream), 0);
        expect(stream, "  File \"b.c\", line 2, in b\n  File \"lib:f+0x10\"\n  and 1 more frame\n");
}

Test(text, shows_so_many_places_and_says_how_many_more) {
        struct checks checks = check_samples_many(3);
        FILE *stream = begin();

        checks.items[1].verdict = CHECK_PASSED;
        checks.items[0].finding_total = 5;
        cr_assert_eq(check_text(&checks, &(struct check_output){ .limit = 1, .frame_limit = 1 }, stream), 0);
        expect(stream,
               "FAIL  leak of each place: 3 B at the worst of 5 places, limit 0 B (--max-leak 0)\n"
               "\n"
               "src/0.c:1: 3 B\n"
               "  File \"../src/cache.c\", line 42, in cache_put\n"
               "  and 1 more frame\n"
               "\n"
               "and 4 more places\n"
               "\n"
               "Nothing in this run freed these blocks. All stacks: memtrace report TRACE --cost leaked --by "
               "traceback\n"
               "Meant to live as long as the program? This writes suppressions: memtrace check --suggest\n"
               "\n"
               "PASS  peak of each place: at most 3 B, limit 0 B (--max-peak 0)\n"
               "FAIL: 1 of 2 checks failed\n");
        checks_deinit(&checks);
}

Test(text, quiet_says_nothing_of_what_passed) {
        struct checks checks = check_samples_passed();
        FILE *stream = begin();

        checks.suppressed_blocks = 1;
        cr_assert_eq(check_text(&checks, &(struct check_output){ .limit = 1, .quiet = true }, stream), 0);
        expect(stream, "");
        stream = begin();
        cr_assert_eq(check_text(&checks, &plain, stream), 0);
        expect(stream, "PASS  leak: 0 B in 0 blocks, limit 0 B (--max-leak 0)\nSuppressed: 0 B in 1 "
                       "block\nPASS: 1 check passed\n");
        checks.items[0].verdict = CHECK_UNDECIDED;
        stream = begin();
        cr_assert_eq(check_text(&checks, &(struct check_output){ .limit = 1, .quiet = true }, stream), 0);
        expect(stream, "CANNOT JUDGE  leak: it is not known why (--max-leak 0)\n\nCANNOT JUDGE: 1 of 1 check "
                       "cannot be judged\n");
        checks_deinit(&checks);
}

static size_t lines_with(const char *text, const char *part) {
        size_t found = 0;

        for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
                found++;
        return found;
}

/* Of two failed checks with so many places each. */
static void expect_annotations(size_t places, size_t errors, const char *last) {
        struct checks checks = check_samples_many(places);
        FILE *stream = begin();

        cr_assert_eq(check_github(&checks, &plain, stream), 0);
        cr_assert_eq(fclose(stream), 0);
        cr_expect_eq(lines_with(made, "::error "), errors);
        cr_expect_eq(lines_with(made, "\n"), errors);
        cr_expect(strcmp(made + length - strlen(last), last) == 0, "%s", made);
        free(made);
        checks_deinit(&checks);
}

Test(github, ten_errors_at_most_the_worst_of_each_check_first) {
        const char *before = "(--max-peak 0)%0A  File \"../src/cache.c\", line 42, in cache_put%0A  File "
                             "\"src/main.c\", line 10, in main\n";

        expect_annotations(1, 2, before);
        expect_annotations(5, 10, before);
        expect_annotations(6, 10, "::error title=memtrace::and 3 more\n");
        expect_annotations(300, 10, "::error title=memtrace::and 591 more\n");
}

Test(github, passed_is_a_notice_or_nothing) {
        struct checks checks = check_samples_passed();
        FILE *stream = begin();

        cr_assert_eq(check_github(&checks, &plain, stream), 0);
        expect(stream, "::notice title=memtrace::1 check passed\n");
        stream = begin();
        cr_assert_eq(check_github(&checks, &(struct check_output){ .quiet = true }, stream), 0);
        expect(stream, "");
        checks_deinit(&checks);
}

Test(github, names_are_encoded_in_properties_and_messages) {
        const struct symbol_frame frame = { .file = "/w/a%b:c,d\r\n.c", .line = 3, .has_line = true };
        struct check_finding finding = { .place = (char *)"a%b:c,d",
                                         .frame = &frame,
                                         .actual = { .has_bytes = true, .bytes = 7 } };
        struct check check = { .kind = CHECK_LEAK,
                               .verdict = CHECK_FAILED,
                               .glob = (char *)"x%y:,\n",
                               .actual = { .has_bytes = true, .bytes = 8 },
                               .limit = { .has_bytes = true, .bytes = 4 },
                               .findings = &finding,
                               .finding_count = 1,
                               .finding_total = 9 };
        const struct checks checks = { .items = &check, .count = 1 };
        const struct check_output output = { .limit = 10, .frame_limit = 20, .root = "/w" };
        FILE *stream = begin();

        cr_assert_eq(check_github(&checks, &output, stream), 0);
        expect(stream,
               "::error file=a%25b%3Ac%2Cd\\x0d\\x0a.c,line=3,title=memtrace%3A leak of x%25y%3A%2C\\x0a::"
               "leak of x%25y:,\\x0a: a%25b:c,d: 7 B, of 8 B, limit 4 B\n");
}

Test(github, what_is_undecided_is_told_as_a_whole) {
        struct check_finding finding = { .place = (char *)"a.c:1" };
        struct check check = { .kind = CHECK_GROWTH,
                               .verdict = CHECK_UNDECIDED,
                               .why = (char *)"too few",
                               .findings = &finding,
                               .finding_count = 1,
                               .finding_total = 5 };
        const struct checks checks = { .items = &check, .count = 1 };
        FILE *stream = begin();

        cr_assert_eq(check_github(&checks, &plain, stream), 0);
        expect(stream, "::error title=memtrace%3A steady growth::steady growth: too few\n");
}
