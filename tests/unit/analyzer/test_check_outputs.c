/*
 * What the outputs of checks have in common: stacks, paths, and what of many findings is shown. Whole
 * documents are held against golden ones in tests/cli.
 */
#include "check_samples.h"
#include "written.h"

#include "render/check_github.h"
#include "render/check_output.h"
#include "render/check_places.h"
#include "render/check_text.h"
#include "render/sparkline.h"

#include <string.h>
#include <unistd.h>

static const struct check_output plain = { .limit = 10, .frame_limit = 20 };

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
        FILE *stream = written_begin();

        sparkline_put(stream, values, value_count);
        written_expect(stream, wanted);
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

Test(places, the_stack_ends_with_main) {
        const struct symbol_frame deep[] = {
                { .file = "main.c", .line = 1, .has_line = true, .function = "main" },
                { .file = "b.c", .line = 2, .has_line = true, .function = "b" }
        };
        const struct symbol_frame *frames[] = { &deep[0], &deep[1], &deep[0], &deep[1] };
        FILE *stream = written_begin();

        cr_assert_eq(check_places_traceback(
                             &plain,
                             &(struct check_finding){ .frames = frames, .frame_count = 4, .charged = 1 },
                             stream),
                     0);
        written_expect(stream, "  File \"b.c\", line 2, in b\n  File \"main.c\", line 1, in main\n");
        stream = written_begin();
        cr_assert_eq(check_places_traceback(
                             &(struct check_output){ .frame_limit = 1 },
                             &(struct check_finding){ .frames = frames, .frame_count = 4, .charged = 1 },
                             stream),
                     0);
        written_expect(stream, "  File \"b.c\", line 2, in b\n  and 1 more frame\n");
}

Test(places, the_stack_begins_where_it_is_charged_and_ends_where_it_is_told_to) {
        const struct symbol_frame deep[] = { { .file = "a.c", .line = 1, .has_line = true, .function = "a" },
                                             { .file = "b.c", .line = 2, .has_line = true, .function = "b" },
                                             { .file = "lib:f+0x10", .function = "f", .module = "/lib" },
                                             { .file = "<unknown>" } };
        const struct symbol_frame *frames[] = { &deep[0], &deep[1], &deep[2], &deep[3] };
        const struct check_finding finding = { .frames = frames, .frame_count = 4, .charged = 1 };
        FILE *stream = written_begin();

        cr_assert_eq(check_places_traceback(&plain, &finding, stream), 0);
        written_expect(stream,
                       "  File \"b.c\", line 2, in b\n  File \"lib:f+0x10\"\n  File \"<unknown>\", line 0\n");
        stream = written_begin();
        cr_assert_eq(check_places_traceback(&(struct check_output){ .frame_limit = 1 }, &finding, stream), 0);
        written_expect(stream, "  File \"b.c\", line 2, in b\n  and 2 more frames\n");
        stream = written_begin();
        cr_assert_eq(check_places_traceback(&(struct check_output){ .frame_limit = 2 }, &finding, stream), 0);
        written_expect(stream, "  File \"b.c\", line 2, in b\n  File \"lib:f+0x10\"\n  and 1 more frame\n");
}

Test(text, shows_so_many_places_and_says_how_many_more) {
        struct checks checks = check_samples_many(3);
        FILE *stream = written_begin();

        checks.items[1].verdict = CHECK_PASSED;
        checks.items[0].finding_total = 5;
        cr_assert_eq(check_text(&checks, &(struct check_output){ .limit = 1, .frame_limit = 1 }, stream), 0);
        written_expect(
                stream,
                "FAIL  leak of each place: 3 B at the worst of 5 places, limit 0 B (--max-leak 0)\n"
                "\n"
                "src/0.c:1: 3 B\n"
                "  File \"../src/cache.c\", line 42, in cache_put\n"
                "  and 1 more frame\n"
                "\n"
                "and 4 more places\n"
                "\n"
                "Nothing in this run freed these blocks. All stacks: memtrace report TRACE --cost leaked "
                "--by "
                "traceback\n"
                "Meant to live as long as the program? This prints suppressions: memtrace check --suggest\n"
                "\n"
                "PASS  peak of each place: at most 3 B, limit 0 B (--max-peak 0)\n"
                "FAIL: 1 of 2 checks failed\n");
        checks_deinit(&checks);
}

static void expect_suppressed(uint64_t blocks, uint64_t first, uint64_t second, enum check_kind kind,
                              const char *wanted) {
        struct check_suppression rules[] = {
                { .blocks = first, .used = first > 0, .text = (char *)"leak:a", .origin = (char *)"s:1" },
                { .blocks = second, .used = second > 0, .text = (char *)"leak:b", .origin = (char *)"s:2" }
        };
        struct check check = { .kind = kind };
        const struct checks checks = { .items = &check,
                                       .count = 1,
                                       .suppressed_bytes = 2 * blocks,
                                       .suppressed_blocks = blocks,
                                       .suppressions = rules,
                                       .suppression_count = 2 };
        FILE *stream = written_begin();
        char *after;

        cr_assert_eq(check_text(&checks, &plain, stream), 0);
        cr_assert_eq(fclose(stream), 0);
        after = strchr(written, '\n') + 1;
        cr_expect(strncmp(after, wanted, strlen(wanted)) == 0, "%s", written);
        cr_expect_str_eq(after + strlen(wanted), "PASS: 1 check passed\n");
        free(written);
}

Test(text, tells_whose_suppressions_took_what) {
        expect_suppressed(5, 2, 3, CHECK_LEAK, "Suppressed: 10 B in 5 blocks by 2 rules\n");
        expect_suppressed(5, 2, 0, CHECK_BASELINE,
                          "Suppressed: 10 B in 5 blocks by 1 rule and those built in\nSuppresses nothing: "
                          "s:2: leak:b\n");
        expect_suppressed(1, 0, 0, CHECK_GROWTH,
                          "Suppressed: 2 B in 1 block by rules built in\nSuppresses nothing: s:1: "
                          "leak:a\nSuppresses nothing: s:2: leak:b\n");
        expect_suppressed(0, 1, 1, CHECK_LEAK, "");
        expect_suppressed(5, 2, 3, CHECK_PEAK, "");
}

Test(text, quiet_says_nothing_of_what_passed) {
        struct checks checks = check_samples_passed();
        FILE *stream = written_begin();

        checks.suppressed_blocks = 1;
        cr_assert_eq(check_text(&checks, &(struct check_output){ .limit = 1, .quiet = true }, stream), 0);
        written_expect(stream, "");
        stream = written_begin();
        cr_assert_eq(check_text(&checks, &plain, stream), 0);
        written_expect(stream, "PASS  leak: 0 B in 0 blocks, limit 0 B (--max-leak 0)\nSuppressed: 0 B in 1 "
                               "block by rules built in\nPASS: 1 check passed\n");
        checks.items[0].verdict = CHECK_UNDECIDED;
        stream = written_begin();
        cr_assert_eq(check_text(&checks, &(struct check_output){ .limit = 1, .quiet = true }, stream), 0);
        written_expect(stream,
                       "CANNOT JUDGE  leak: it is not known why (--max-leak 0)\n\nCANNOT JUDGE: 1 of 1 check "
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
        FILE *stream = written_begin();

        cr_assert_eq(check_github(&checks, &plain, stream), 0);
        cr_assert_eq(fclose(stream), 0);
        cr_expect_eq(lines_with(written, "::error "), errors);
        cr_expect_eq(lines_with(written, "\n"), errors);
        cr_expect(strcmp(written + written_bytes - strlen(last), last) == 0, "%s", written);
        free(written);
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
        FILE *stream = written_begin();

        cr_assert_eq(check_github(&checks, &plain, stream), 0);
        written_expect(stream, "::notice title=memtrace::1 check passed\n");
        stream = written_begin();
        cr_assert_eq(check_github(&checks, &(struct check_output){ .quiet = true }, stream), 0);
        written_expect(stream, "");
        checks_deinit(&checks);
}

#define NOTE "::notice title=memtrace%3A peak::peak: it is so (--max-peak 1%25)\n"
#define NOTES_8 NOTE NOTE NOTE NOTE NOTE NOTE NOTE NOTE

Test(github, notes_are_notices_and_not_too_many) {
        struct check items[12];
        struct checks checks = { .items = items };
        FILE *stream;

        for (size_t i = 0; i < 12; i++)
                items[i] = (struct check){ .kind = CHECK_PEAK,
                                           .origin = (char *)"--max-peak 1%",
                                           .note = (char *)(i == 2 ? NULL : "it is so") };
        checks.count = 10; /* of which nine have one */
        stream = written_begin();
        cr_assert_eq(check_github(&checks, &plain, stream), 0);
        written_expect(stream, NOTES_8 NOTE "::notice title=memtrace::10 checks passed\n");
        checks.count = 12;
        stream = written_begin();
        cr_assert_eq(check_github(&checks, &plain, stream), 0);
        written_expect(stream, NOTES_8 "::notice title=memtrace::and 3 more notes\n"
                                       "::notice title=memtrace::12 checks passed\n");
        items[5].verdict = CHECK_FAILED; /* what passed has nothing to say */
        stream = written_begin();
        cr_assert_eq(check_github(&checks, &(struct check_output){ .quiet = true }, stream), 0);
        written_expect(stream, "::error title=memtrace%3A peak::peak: , limit  (--max-peak 1%25)\n" NOTE);
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
        FILE *stream = written_begin();

        cr_assert_eq(check_github(&checks, &output, stream), 0);
        written_expect(
                stream,
                "::error file=a%25b%3Ac%2Cd\\x0d\\x0a.c,line=3,title=memtrace%3A leak of x%25y%3A%2C\\x0a::"
                "leak of x%25y:,\\x0a: a%25b:c,d: 7 B, of 8 B, limit 4 B\n");
}

Test(github, what_is_undecided_is_told_as_a_whole) {
        struct check_finding findings[2] = { { .place = (char *)"a.c:1" }, { .place = (char *)"b.c:1" } };
        struct check check = { .kind = CHECK_GROWTH,
                               .verdict = CHECK_UNDECIDED,
                               .why = (char *)"too few",
                               .findings = findings,
                               .finding_count = 2,
                               .finding_total = 5 };
        const struct checks checks = { .items = &check, .count = 1 };
        FILE *stream = written_begin();

        cr_assert_eq(check_github(&checks, &plain, stream), 0);
        written_expect(stream, "::error title=memtrace%3A steady growth::steady growth: too few\n");
}
