/*
 * The table in docs/growth.md: what is judged of a hundred histories of each kind, and of a thousand places
 * at once. The seeds are fixed, and none of those that the rules were found with.
 */
#include "drift_cases.h"
#include "judge/drift.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RUNS 100
#define REPETITIONS_MAX 1000
#define FIRST_SEED 0x6d656d7472616365

static const char *const told_names[] = {
        [TOLD_STEADY] = "no growth",
        [TOLD_GROWS] = "growth",
        [TOLD_NOT_ALWAYS] = "growth, near the limit",
        [TOLD_NOT_AT_ALL] = "cannot be told",
};

/* How many runs came to which verdict. */
struct tally {
        size_t runs, verdicts[DRIFT_UNDECIDED + 1];
};

static struct tally run_case(size_t number) {
        const struct drift_case *made = &drift_cases[number];
        uint64_t values[REPETITIONS_MAX];
        struct tally tally = {};

        cr_assert_leq(made->repetitions, REPETITIONS_MAX);
        for (; tally.runs < RUNS; tally.runs++) {
                struct drift drift;

                drift_case_make(made, FIRST_SEED + number * RUNS + tally.runs, values);
                cr_assert_eq(drift_measure(values, made->repetitions, &drift_default, &drift), 0);
                cr_assert_eq(drift_decide(&drift, 1, &drift_default), 0);
                tally.verdicts[drift.verdict]++;
        }
        return tally;
}

/* The document's own text, so that it cannot say anything else. */
static void assert_documented(const char *text) {
        FILE *file = fopen(GROWTH_DOCUMENT, "r");
        static char document[1 << 16];
        size_t length;

        cr_assert_not_null(file);
        length = fread(document, 1, sizeof(document) - 1, file);
        fclose(file);
        document[length] = 0;
        cr_assert_not_null(strstr(document, text), "not in docs/growth.md:\n%s", text);
}

Test(drift_cases, are_judged_as_documented) {
        char *text;
        size_t length, steady_runs = 0, false_alarms = 0, growth_runs = 0, missed = 0;
        FILE *out = open_memstream(&text, &length);

        fprintf(out, "| history | repetitions | wanted | growth | undecided |\n|---|--:|---|--:|--:|\n");
        for (size_t i = 0; i < drift_case_count; i++) {
                struct tally tally = run_case(i);
                size_t grows = tally.verdicts[DRIFT_GROWS];

                fprintf(out, "| %s | %zu | %s | %zu | %zu |\n", drift_cases[i].name,
                        drift_cases[i].repetitions, told_names[drift_cases[i].told], grows,
                        tally.verdicts[DRIFT_UNDECIDED]);
                if (drift_cases[i].told == TOLD_STEADY) {
                        steady_runs += tally.runs;
                        false_alarms += grows;
                        cr_expect_leq(grows, 1, "%s: %zu false alarms", drift_cases[i].name, grows);
                }
                if (drift_cases[i].told == TOLD_GROWS) {
                        growth_runs += tally.runs;
                        missed += tally.runs - grows;
                }
        }
        fprintf(out, "\nFalse alarms: %zu of %zu. Missed: %zu of %zu.\n", false_alarms, steady_runs, missed,
                growth_runs);
        fclose(out);
        cr_expect_leq((double)false_alarms, drift_default.false_alarm_rate * (double)steady_runs);
        cr_expect_eq(missed, 0);
        assert_documented(text);
        free(text);
}

#define PLACES 1000
#define LEAKS 3
#define MANY_RUNS 10

static const struct drift_case *find_case(const char *name, size_t repetitions) {
        for (size_t i = 0; i < drift_case_count; i++)
                if (drift_cases[i].repetitions == repetitions && strcmp(drift_cases[i].name, name) == 0)
                        return &drift_cases[i];
        cr_assert_fail("no case %s of %zu", name, repetitions);
        return NULL;
}

static void run_many(FILE *out, const char *name, uint64_t seed) {
        const struct drift_case *other = find_case(name, 100), *leak = find_case("drip, noise of 192 B", 100);
        struct drift *drifts = calloc(PLACES + LEAKS, sizeof(*drifts));
        struct drift_wish wish = drift_default;
        uint64_t values[100];
        size_t found = 0, false_alarms = 0;

        wish.places = PLACES + LEAKS;
        for (size_t run = 0; run < MANY_RUNS; run++) {
                for (size_t i = 0; i < PLACES + LEAKS; i++) {
                        drift_case_make(i < PLACES ? other : leak, seed++, values);
                        cr_assert_eq(drift_measure(values, 100, &wish, &drifts[i]), 0);
                }
                cr_assert_eq(drift_decide(drifts, PLACES + LEAKS, &wish), 0);
                for (size_t i = 0; i < PLACES + LEAKS; i++)
                        *(i < PLACES ? &false_alarms : &found) += drifts[i].verdict == DRIFT_GROWS;
        }
        fprintf(out, "| %s | %zu of %d | %zu of %d |\n", name, found, LEAKS * MANY_RUNS, false_alarms,
                PLACES * MANY_RUNS);
        free(drifts);
        cr_expect_eq(found, LEAKS * MANY_RUNS);
}

Test(drift_cases, of_a_thousand_places_are_judged_as_documented) {
        char *text;
        size_t length;
        FILE *out = open_memstream(&text, &length);

        fprintf(out, "| 1000 other places | growth found | false alarms |\n|---|--:|--:|\n");
        run_many(out, "noise of 4 KiB", 0x1000000);
        run_many(out, "wanders, 60 % stays", 0x2000000);
        run_many(out, "sawteeth of 3 to 12", 0x3000000);
        run_many(out, "cache full at 60 %, noise of 1 KiB", 0x4000000);
        fclose(out);
        assert_documented(text);
        free(text);
}

/* The smallest slope that matters is the user's own: what is below it passes, however sure. */
Test(drift_cases, below_the_smallest_slope_pass) {
        const struct drift_case *leak = find_case("drip, sawtooth of 5", 100);
        struct drift_wish wish = drift_default;
        uint64_t values[100];
        struct drift drift;

        drift_case_make(leak, 1, values);
        for (int above = 0; above < 2; above++) {
                wish.min_slope_bytes = above ? 63.5 : 64;
                cr_assert_eq(drift_measure(values, 100, &wish, &drift), 0);
                cr_assert_eq(drift_decide(&drift, 1, &wish), 0);
                cr_assert_eq(drift.verdict, above ? DRIFT_GROWS : DRIFT_STEADY);
        }
}
