/*
 * Checks in words: names, sentences, and numbers beside their limits.
 */
#include "written.h"

#include "render/check_kinds.h"
#include "render/check_words.h"

#include <string.h>

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

static void expect_result(const struct check *check, const char *wanted) {
        FILE *stream = written_begin();

        check_words_result(check, stream);
        written_expect(stream, wanted);
}

static void expect_finding(const struct check *check, const struct check_finding *finding,
                           const char *wanted) {
        FILE *stream = written_begin();

        check_words_finding(check, finding, stream);
        written_expect(stream, wanted);
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
        expect_result(&(struct check){ .kind = CHECK_GROWTH,
                                       .verdict = CHECK_FAILED,
                                       .actual = bytes(5),
                                       .limit = bytes(4) },
                      "+5 B, limit +4 B a repetition");
}

/* The slope of what levels off is no growth, and would look like one. */
Test(words, no_growth_has_no_slope) {
        expect_result(&(struct check){ .kind = CHECK_GROWTH, .place_count = 7, .limit = bytes(6) },
                      "none of 7 places that change, limit +6 B a repetition");
        expect_result(&(struct check){ .kind = CHECK_GROWTH, .place_count = 1, .limit = bytes(6) },
                      "none of 1 place that changes, limit +6 B a repetition");
}

Test(words, shares_of_a_change_have_signs_too) {
        struct check check = { .kind = CHECK_BASELINE, .actual = bytes(600), .limit = share(0.1) };

        check.actual.has_share = true;
        check.actual.share = 2;
        expect_result(&check, "+600 B (+200.0%), limit +10.0%");
        check.kind = CHECK_TEMPORARY;
        expect_result(&check, "600 B (200.0%), limit 10.0%");
}

Test(words, a_place_is_held_against_what_it_is_judged_by) {
        struct check check = { .kind = CHECK_LEAK, .each = true, .limit = bytes(10240) };
        struct check_finding finding = { .actual = bytes(10241) };

        expect_finding(&check, &finding, "10241 B");
        check.each = false;
        expect_finding(&check, &finding, "10.0 KiB");
        check = (struct check){ .kind = CHECK_BASELINE, .each = true, .limit = bytes(10240) };
        expect_finding(&check, &finding, "10.0 KiB, new");
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
        FILE *stream = written_begin();

        check_words_name(check, stream);
        written_expect(stream, wanted);
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
        FILE *stream = written_begin();

        for (size_t i = passed; i < checks.count; i++)
                items[i].verdict = i < passed + failed ? CHECK_FAILED : CHECK_UNDECIDED;
        check_words_verdict(&checks, stream);
        written_expect(stream, wanted);
}

Test(words, the_verdict_counts) {
        expect_verdict(0, 0, 0, "nothing was checked");
        expect_verdict(1, 0, 0, "1 check passed");
        expect_verdict(3, 0, 0, "3 checks passed");
        expect_verdict(3, 2, 0, "2 of 5 checks failed");
        expect_verdict(0, 1, 0, "1 of 1 check failed");
        expect_verdict(1, 1, 2, "1 of 4 checks failed, 2 cannot be judged");
        expect_verdict(2, 0, 1, "1 of 3 checks cannot be judged");
}

static void expect_trace(size_t trace_count, const char *name, const char *wanted) {
        char *traces[2] = { (char *)name, (char *)"b.mtr" };

        cr_expect_str_eq(check_kinds_trace(&(struct checks){ .traces = traces, .trace_count = trace_count }),
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

Test(words, what_is_all_of_a_sum_is_not_told_beside_it) {
        const struct check check = { .kind = CHECK_LEAK, .actual = both(5, 2), .limit = bytes(4) };
        struct check_finding finding = { .place = (char *)"a.c:1", .actual = both(5, 2) };
        FILE *stream = written_begin();

        check_words_sentence(&check, &finding, stream);
        written_expect(stream, "leak: a.c:1: 5 B in 2 blocks, limit 4 B");
        finding.actual.count = 1;
        stream = written_begin();
        check_words_sentence(&check, &finding, stream);
        written_expect(stream, "leak: a.c:1: 5 B in 1 block, of 5 B in 2 blocks, limit 4 B");
        finding.actual = both(4, 2);
        stream = written_begin();
        check_words_sentence(&check, &finding, stream);
        written_expect(stream, "leak: a.c:1: 4 B in 2 blocks, of 5 B in 2 blocks, limit 4 B");
        finding.actual = bytes(5);
        stream = written_begin();
        check_words_sentence(&check, &finding, stream);
        written_expect(stream, "leak: a.c:1: 5 B, of 5 B in 2 blocks, limit 4 B");
        finding.undecided = true;
        stream = written_begin();
        check_words_sentence(&check, &finding, stream);
        written_expect(stream, "leak: a.c:1: cannot judge: it is not known why");
}
