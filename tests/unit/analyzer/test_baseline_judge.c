/*
 * judge/baseline_judge: what of a run grew since its baseline, and whose baseline it is.
 */
#include "judge/baseline_judge.h"

#include "held.h"

#include <criterion/redirect.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "PLACE BEFORE>NOW ..." of what is listed, and the verdict. */
static void judge_is(const struct baseline_part *before, const struct baseline *now, const struct run *run,
                     struct check_amount limit, const char *expected) {
        struct checks checks = { 0 };
        struct check *check = checks_add(&checks, CHECK_BASELINE);
        char *text;
        size_t length;
        FILE *stream = open_memstream(&text, &length);

        check->limit = limit;
        cr_assert_eq(baseline_judge(before, now, &now->parts[0], &run->stacks, SIZE_MAX, check), 0);
        cr_assert(check->each && check->actual.has_bytes);
        cr_assert_eq(check->finding_total, check->finding_count);
        fprintf(stream, "%s +%zu", check_verdict_names[check->verdict], (size_t)check->actual.bytes);
        if (check->actual.has_share)
                fprintf(stream, " %g", check->actual.share);
        for (size_t i = 0; i < check->finding_count; i++) {
                const struct check_finding *finding = &check->findings[i];

                fprintf(stream, "; %s %zu/%zu", finding->place, (size_t)finding->actual.bytes,
                        (size_t)finding->actual.count);
                if (finding->before.has_bytes)
                        fprintf(stream, " was %zu/%zu", (size_t)finding->before.bytes,
                                (size_t)finding->before.count);
                cr_assert_eq(finding->before.has_bytes, finding->before.has_count);
        }
        if (check->note)
                fprintf(stream, "; %s", check->note);
        fclose(stream);
        cr_assert_str_eq(text, expected);
        free(text);
        checks_deinit(&checks);
}

#define NO_LIMIT                                                                                             \
        (struct check_amount) {                                                                              \
                0                                                                                            \
        }
#define BYTES(size)                                                                                          \
        (struct check_amount) {                                                                              \
                .has_bytes = true, .bytes = (size)                                                           \
        }
#define SHARE(part)                                                                                          \
        (struct check_amount) {                                                                              \
                .has_share = true, .share = (part)                                                           \
        }

Test(baseline, judges_other_builds) {
        struct run old, new;
        struct baseline before, now;

        hold_old(&old);
        hold_new(&new);
        baseline_of(&before, AGGREGATE_FUNCTION, &old);
        baseline_of(&now, AGGREGATE_FUNCTION, &new);
        cr_assert_eq(baseline_fits(&before, "b", &now, true), 0);
        judge_is(&before.parts[0], &now, &new, NO_LIMIT, "passed +0");
        baseline_deinit(&now);
        hold(&new, "/srv/two/src/cache.c", 30, "grow", NEW, 24, 1);
        hold(&new, "/srv/two/src/cache.c", 21, "insert", NEW, 30, 3);
        baseline_of(&now, AGGREGATE_FUNCTION, &new);
        judge_is(&before.parts[0], &now, &new, NO_LIMIT,
                 "failed +30 0.2; /srv/two/src/cache.c:insert 180/6 was 150/3; /srv/two/src/cache.c:grow "
                 "24/1");
        judge_is(NULL, &now, &new, BYTES(50),
                 "failed +180; /srv/two/src/cache.c:insert 180/6; libz.so.1.3:inflate 64/1");
        baseline_deinit(&now);
        baseline_deinit(&before);
        run_end(&old);
        run_end(&new);
}

/* A file that is renamed, and a program: found as `diff` finds them. */
Test(baseline, places_are_matched) {
        static const char *const renamed[] = { "/srv/two/out/app-2", NULL };
        struct run old, new;
        struct baseline before, now;

        run_begin(&old, old_programs);
        hold(&old, "/home/one/app/src/a/cache.c", 10, "insert", OLD, 100, 1);
        hold(&old, "/home/one/app/src/util.c", 10, "only", OLD, 50, 1);
        hold(&old, "/home/one/app/src/gone.c", 10, "gone", OLD, 50, 1);
        run_begin(&new, renamed);
        hold(&new, "/srv/two/src/b/cache.c", 10, "insert", "/srv/two/out/app-2", 101, 1);
        hold(&new, "/srv/two/src/tool.c", 10, "only", "/srv/two/out/app-2", 51, 1);
        hold(&new, "/srv/two/src/tool.c", 10, "only", NEW_LIB, 1, 1);
        baseline_of(&before, AGGREGATE_FUNCTION, &old);
        baseline_of(&now, AGGREGATE_FUNCTION, &new);
        judge_is(
                &before.parts[0], &now, &new, NO_LIMIT,
                "failed +2 0.04; /srv/two/src/tool.c:only 52/2 was 50/1; /srv/two/src/b/cache.c:insert 101/1 "
                "was 100/1");
        baseline_deinit(&now);
        baseline_deinit(&before);
        run_end(&old);
        run_end(&new);
}

Test(baseline, limits) {
        struct run old, new;
        struct baseline before, now;

        run_begin(&old, old_programs);
        hold(&old, "a.c", 1, "small", OLD, 10, 1);
        hold(&old, "a.c", 2, "large", OLD, 1000, 10);
        hold(&old, "a.c", 4, "less", OLD, 5000, 1);
        hold(&old, "a.c", 5, "gone", OLD, 20, 1);
        run_begin(&new, new_programs);
        hold(&new, "a.c", 1, "small", NEW, 15, 1);
        hold(&new, "a.c", 2, "large", NEW, 1290, 10);
        hold(&new, "a.c", 3, "fresh", NEW, 7, 2);
        hold(&new, "a.c", 4, "less", NEW, 4000, 90); /* more blocks of fewer bytes */
        baseline_of(&before, AGGREGATE_FUNCTION, &old);
        baseline_of(&now, AGGREGATE_FUNCTION, &new);
        judge_is(&before.parts[0], &now, &new, BYTES(290),
                 "passed +290 0.5; better than the baseline: 2 places hold 1020 B less");
        judge_is(&before.parts[0], &now, &new, BYTES(289), "failed +290 0.5; a.c:large 1290/10 was 1000/10");
        /* the nearest number to a percentage is not beyond it */
        judge_is(&before.parts[0], &now, &new, SHARE(0.29),
                 "failed +290 0.5; a.c:fresh 7/2; a.c:small 15/1 was 10/1");
        judge_is(&before.parts[0], &now, &new, SHARE(0.5), "failed +290 0.5; a.c:fresh 7/2");
        judge_is(&before.parts[0], &now, &new,
                 (struct check_amount){ .has_bytes = true, .bytes = 6, .has_share = true, .share = 0.1 },
                 "failed +290 0.5; a.c:large 1290/10 was 1000/10; a.c:fresh 7/2");
        judge_is(&before.parts[0], &now, &new,
                 (struct check_amount){ .has_bytes = true, .bytes = 7, .has_share = true, .share = 0.29 },
                 "passed +290 0.5; better than the baseline: 2 places hold 1020 B less");
        baseline_deinit(&now);
        baseline_deinit(&before);
        run_end(&old);
        run_end(&new);
}

/* The stack that holds most of it is shown, and where in it the place is. */
Test(baseline, shows_the_largest_stack) {
        const struct symbol_frame frames[] = { frame("/usr/lib/s.c", 1, "strdup", "/lib/libc.so.6"),
                                               frame("a.c", 2, "copy", NEW), frame("a.c", 3, "one", NEW),
                                               frame("a.c", 9, "two", NEW) };
        const struct symbol_frame other[] = { frames[0], frames[1], frames[3] };
        struct checks checks = { 0 };
        struct check *check = checks_add(&checks, CHECK_BASELINE);
        struct run run;
        struct baseline now;

        run_begin(&run, new_programs);
        hold_in(&run, frames, 3, 1, 10, 1);
        hold_in(&run, other, 3, 1, 11, 1);
        baseline_of(&now, AGGREGATE_FUNCTION, &run);
        cr_assert_eq(baseline_judge(NULL, &now, &now.parts[0], &run.stacks, SIZE_MAX, check), 0);
        cr_assert_eq(check->finding_count, 1);
        cr_assert_str_eq(check->findings[0].place, "a.c:copy");
        cr_assert_eq(check->findings[0].actual.bytes, 21);
        cr_assert_eq(check->findings[0].frame_count, 3);
        cr_assert_eq(check->findings[0].charged, 1);
        cr_assert_str_eq(check->findings[0].frames[2]->function, "two");
        checks_deinit(&checks);
        baseline_deinit(&now);
        run_end(&run);
}

/* Of several that hold the same it is the first by name, whichever came first. */
Test(baseline, shows_the_same_stack_in_every_run) {
        const struct symbol_frame frames[] = { frame("a.c", 2, "copy", NEW), frame("b.c", 3, "one", NEW),
                                               frame("b.c", 9, "another", NEW) };
        const struct symbol_frame stacks[2][2] = { { frames[0], frames[2] }, { frames[0], frames[1] } };

        for (int first = 0; first < 2; first++) {
                struct checks checks = { 0 };
                struct check *check = checks_add(&checks, CHECK_BASELINE);
                struct run run;
                struct baseline now;

                run_begin(&run, new_programs);
                hold_in(&run, stacks[first], 2, 0, 10, 1);
                hold_in(&run, stacks[!first], 2, 0, 10, 1);
                cr_assert_lt(stacks_order(&run.stacks, (uint32_t)!first, (uint32_t)first), 0);
                cr_assert_gt(stacks_order(&run.stacks, (uint32_t)first, (uint32_t)!first), 0);
                cr_assert_eq(stacks_order(&run.stacks, 0, 0), 0);
                baseline_of(&now, AGGREGATE_FUNCTION, &run);
                cr_assert_eq(baseline_judge(NULL, &now, &now.parts[0], &run.stacks, SIZE_MAX, check), 0);
                cr_assert_str_eq(check->findings[0].frames[1]->function, "one");
                checks_deinit(&checks);
                baseline_deinit(&now);
                run_end(&run);
        }
}

static void parts_of(struct baseline *baseline, const char *const *const *lists) {
        baseline_init(baseline, AGGREGATE_FUNCTION);
        for (; *lists; lists++) {
                struct run run;

                run_begin(&run, *lists);
                hold(&run, "a.c", 1, **lists, **lists, 1, 1);
                cr_assert_eq(baseline_add_subject(baseline, &run.subject), 0);
                run_end(&run);
        }
}

static const char *const a[] = { "/bin/a", NULL }, *const b[] = { "/bin/b", NULL },
                         *const c[] = { "/bin/c", NULL }, *const ab[] = { "/bin/b", "/bin/a", NULL };

/* The index of the part of `baseline` that is for a run of these programs, or -1. */
static int found(const struct baseline *baseline, const char *const *programs, bool exact) {
        const char *const *const lists[] = { programs, NULL };
        const struct baseline_part *part;
        struct baseline of;

        parts_of(&of, lists);
        part = baseline_find(baseline, &of.parts[0], exact);
        baseline_deinit(&of);
        return part ? (int)(part - baseline->parts) : -1;
}

Test(baseline, parts_are_found_by_their_programs) {
        const char *const *const one[] = { a, NULL }, *const *const two[] = { a, b, NULL },
                                 *const *const mixed[] = { a, ab, NULL };
        struct baseline baseline;

        parts_of(&baseline, one);
        cr_assert_eq(found(&baseline, a, true), 0);
        cr_assert_eq(found(&baseline, ab, true), -1);
        cr_assert_eq(found(&baseline, ab, false), 0);
        cr_assert_eq(found(&baseline, b, false), -1);
        baseline_deinit(&baseline);
        parts_of(&baseline, two);
        cr_assert_eq(found(&baseline, b, true), 1);
        cr_assert_eq(found(&baseline, ab, false), -1); /* of either */
        baseline_deinit(&baseline);
        parts_of(&baseline, mixed);
        cr_assert_eq(found(&baseline, a, false), 0);
        cr_assert_eq(found(&baseline, ab, false), 1);
        cr_assert_eq(found(&baseline, b, false), 1);
        cr_assert_eq(found(&baseline, b, true), -1);
        baseline_deinit(&baseline);
}

static void programs_are(struct baseline *baseline, const char *expected) {
        char text[200] = "";

        baseline_sort(baseline);
        for (size_t i = 0; i < baseline->part_count; i++) {
                char *programs = baseline_programs(&baseline->parts[i]);

                sprintf(text + strlen(text), "[%s: %s]", programs, baseline->parts[i].rows[0].function);
                free(programs);
        }
        cr_assert_str_eq(text, expected);
}

Test(baseline, parts_of_others_are_kept) {
        const char *const *const earlier_lists[] = { c, b, a, NULL }, *const *const now_lists[] = { b, NULL },
                                 *const *const tree[] = { ab, NULL };
        struct baseline earlier, now;

        parts_of(&earlier, earlier_lists);
        parts_of(&now, now_lists);
        now.parts[0].rows[0].function = "new";
        cr_assert_eq(baseline_keep(&now, &earlier, false), 0);
        programs_are(&now, "[a: /bin/a][b: new][c: /bin/c]");
        baseline_deinit(&now);
        baseline_deinit(&earlier);
        parts_of(&earlier, now_lists);
        parts_of(&now, tree);
        cr_assert_eq(baseline_keep(&now, &earlier, false), 0);
        programs_are(&now, "[a, b: /bin/b]");
        cr_assert_eq(baseline_keep(&now, &earlier, true), 0);
        programs_are(&now, "[a, b: /bin/b][b: /bin/b]");
        baseline_deinit(&now);
        baseline_deinit(&earlier);
}

Test(baseline, others_are_refused, .init = cr_redirect_stderr) {
        const char *const *const one[] = { a, NULL }, *const *const two[] = { ab, c, NULL },
                                 *const *const other[] = { c, NULL };
        struct baseline baseline, now;

        parts_of(&now, one);
        parts_of(&baseline, other);
        cr_assert_eq(baseline_fits(&baseline, "b.json", &now, false), -EINVAL);
        baseline_deinit(&baseline);
        parts_of(&baseline, two);
        cr_assert_eq(baseline_fits(&baseline, "b.json", &now, false), 0);
        cr_assert_eq(baseline_fits(&baseline, "b.json", &now, true), -EINVAL);
        baseline.by = AGGREGATE_LINE;
        cr_assert_eq(baseline_fits(&baseline, "b.json", &now, false), -EINVAL);
        baseline_deinit(&baseline);
        baseline_init(&baseline, AGGREGATE_FUNCTION);
        cr_assert_eq(baseline_fits(&baseline, "b.json", &now, false), -EINVAL);
        baseline_deinit(&baseline);
        baseline_deinit(&now);
        fflush(stderr);
        cr_assert_stderr_eq_str("memtrace: b.json: is a baseline of c, not of a\n"
                                "memtrace: b.json: is a baseline of a, b and others, not of a\n"
                                "memtrace: b.json: is a baseline by line, not by function\n"
                                "memtrace: b.json: is a baseline of no program, not of a\n");
}
