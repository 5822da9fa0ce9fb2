/*
 * judge/repetitions.c: where repetitions are, of marks, scopes and time.
 */
#include "base/message.h"
#include "judge/repetitions.h"
#include "judge/repetitions_moments.h"
#include "load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MS 1000000u

/* A trace in the making: one event before each mark and scope, so that each is an instant of its own. */
struct making {
        struct tb *tb;
        uint32_t site;
};

static struct making begin(void) {
        struct making making = { .tb = tb_new(1, MTR_STORED) };

        making.site = tb_site(making.tb, 0, 8, MTR_KIND_MALLOC);
        tb_thread(making.tb, 1, "one");
        tb_thread(making.tb, 2, "two");
        return making;
}

static void mark(struct making *making, const char *name) {
        tb_alloc(making->tb, making->site);
        tb_mark(making->tb, MTR_MARK, name);
}

static void scope(struct making *making, bool ends, const char *name, uint32_t thread) {
        tb_alloc(making->tb, making->site);
        tb_scope(making->tb, ends ? MTR_SCOPE_END : MTR_SCOPE_BEGIN, name, thread);
}

static struct trace *end(struct making *making) {
        struct trace *trace;

        tb_end(making->tb, MTR_END_EXITED, 0);
        trace = load_whole(making->tb);
        tb_free(making->tb);
        return trace;
}

/* The repetitions that `text` means, nothing where it is NULL. */
static struct repetitions found(struct trace *trace, const char *text) {
        struct repetitions_wish wish = { 0 };
        struct repetitions repetitions;

        if (text)
                cr_assert_eq(repetitions_parse("--repeat", text, &wish), 0);
        cr_assert_eq(repetitions_find(trace, &wish, &repetitions), 0);
        return repetitions;
}

static void is_refused(struct trace *trace, const char *text) {
        struct repetitions_wish wish = { 0 };
        struct repetitions repetitions;

        if (text)
                cr_assert_eq(repetitions_parse("--repeat", text, &wish), 0);
        cr_assert_eq(repetitions_find(trace, &wish, &repetitions), -EINVAL);
}

/* Repetition k goes from after one event of the first block to after another. */
static void goes(const struct repetitions *repetitions, size_t k, uint64_t from, uint64_t to) {
        size_t interval = repetitions->first + k * repetitions->step;

        cr_assert_lt(k, repetitions->count);
        cr_assert_lt(interval, repetitions->end_count);
        cr_assert_eq(repetitions->ends[interval - 1].at.event, from, "%zu", k);
        cr_assert_eq(repetitions->ends[interval].at.event, to, "%zu", k);
        cr_assert_eq(repetitions->ends[interval].at.block, 0);
        cr_assert_eq(repetitions->ends[interval].units, UINT64_MAX);
}

TestSuite(repetitions, .init = message_silence);

Test(repetitions, are_understood_as_they_are_written) {
        static const char *const wrong[] = { "",          "mark:",   "scope:",  "time:", "time:1",
                                             "time:1001", "time:5x", "time:-2", "mark",  "50",
                                             "Mark:a",    "time: 5", "time:+5", "tim:5", "time:1e2" };
        struct repetitions_wish wish;

        cr_assert_eq(repetitions_parse("--repeat", "mark:time:5", &wish), 0);
        cr_assert(wish.kind == REPETITIONS_MARK && strcmp(wish.name, "time:5") == 0);
        cr_assert_eq(repetitions_parse("--repeat", "scope:a b", &wish), 0);
        cr_assert(wish.kind == REPETITIONS_SCOPE && strcmp(wish.name, "a b") == 0);
        cr_assert_eq(repetitions_parse("--repeat", "time:2", &wish), 0);
        cr_assert(wish.kind == REPETITIONS_TIME && wish.slices == 2);
        cr_assert_eq(repetitions_parse("--repeat", "time:1000", &wish), 0);
        cr_assert_eq(wish.slices, 1000);
        for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
                cr_assert_eq(repetitions_parse("--repeat", wrong[i], &wish), -EINVAL, "%s", wrong[i]);
}

Test(repetitions, go_from_mark_to_mark) {
        struct making making = begin();
        struct trace *trace;
        struct repetitions repetitions;

        mark(&making, "b");
        mark(&making, "a");
        mark(&making, "b");
        mark(&making, "a");
        mark(&making, "a");
        tb_block(making.tb);
        tb_alloc(making.tb, making.site);
        mark(&making, "a");
        mark(&making, "once");
        trace = end(&making);
        repetitions = found(trace, "mark:a");
        cr_assert_eq(repetitions.count, 3);
        cr_assert_eq(repetitions.end_count, 4);
        cr_assert_eq(repetitions.joined, 1);
        cr_assert_str_eq(repetitions.unit, "mark a");
        goes(&repetitions, 0, 2, 4);
        goes(&repetitions, 1, 4, 5);
        cr_assert_eq(repetitions.ends[3].at.block, 1);
        cr_assert_eq(repetitions.ends[3].at.event, 2);
        repetitions_deinit(&repetitions);
        repetitions = found(trace, "mark:b");
        cr_assert_eq(repetitions.count, 1);
        goes(&repetitions, 0, 1, 3);
        repetitions_deinit(&repetitions);
        is_refused(trace, "mark:once");
        is_refused(trace, "mark:c");
        is_refused(trace, "scope:a");
        trace_free(trace);
}

Test(repetitions, go_from_the_begin_of_a_scope_to_its_end) {
        struct making making = begin();
        struct trace *trace;
        struct repetitions repetitions;

        scope(&making, true, "a", 0);  /* 1: its begin is not known */
        scope(&making, false, "b", 1); /* 2 */
        scope(&making, false, "a", 0); /* 3 */
        scope(&making, false, "a", 0); /* 4: in the other */
        scope(&making, true, "a", 0);
        scope(&making, true, "a", 0);  /* 6 */
        scope(&making, false, "a", 1); /* 7 */
        scope(&making, true, "a", 1);  /* 8 */
        scope(&making, true, "b", 1);  /* 9 */
        scope(&making, false, "a", 0); /* 10 */
        scope(&making, true, "a", 0);  /* 11 */
        scope(&making, false, "a", 0); /* 12: does not end */
        trace = end(&making);
        repetitions = found(trace, "scope:a");
        cr_assert_eq(repetitions.count, 3);
        cr_assert_eq(repetitions.end_count, 6);
        cr_assert_str_eq(repetitions.unit, "scope a");
        goes(&repetitions, 0, 3, 6);
        goes(&repetitions, 1, 7, 8);
        goes(&repetitions, 2, 10, 11);
        repetitions_deinit(&repetitions);
        repetitions = found(trace, "scope:b");
        cr_assert_eq(repetitions.count, 1);
        goes(&repetitions, 0, 2, 9);
        repetitions_deinit(&repetitions);
        trace_free(trace);
}

Test(repetitions, go_from_end_to_end_where_scopes_overlap) {
        struct making making = begin();
        struct trace *trace;
        struct repetitions repetitions;

        scope(&making, false, "a", 0); /* 1 */
        scope(&making, false, "a", 1); /* 2 */
        scope(&making, true, "a", 1);  /* 3 */
        scope(&making, true, "a", 0);  /* 4 */
        scope(&making, false, "a", 1); /* 5 */
        scope(&making, true, "a", 1);  /* 6 */
        trace = end(&making);
        repetitions = found(trace, "scope:a");
        cr_assert_eq(repetitions.count, 2);
        cr_assert_str_eq(repetitions.unit, "end of scope a");
        goes(&repetitions, 0, 3, 4);
        goes(&repetitions, 1, 4, 6);
        repetitions_deinit(&repetitions);
        trace_free(trace);
}

Test(repetitions, are_joined_where_there_are_too_many) {
        struct making making = begin();
        struct trace *trace;
        struct repetitions repetitions;

        for (size_t i = 0; i < 2501; i++)
                mark(&making, "a");
        for (size_t i = 0; i < 1001; i++) {
                scope(&making, false, "s", 0);
                scope(&making, true, "s", 0);
        }
        for (size_t i = 0; i < 1001; i++)
                mark(&making, "b");
        trace = end(&making);
        repetitions = found(trace, "mark:a"); /* 2500, by 3: one is left over */
        cr_assert_eq(repetitions.joined, 3);
        cr_assert_eq(repetitions.count, 833);
        cr_assert_str_eq(repetitions.unit, "3 marks a");
        goes(&repetitions, 0, 2, 5);
        goes(&repetitions, 832, 2498, 2501);
        repetitions_deinit(&repetitions);
        repetitions = found(trace, "scope:s");
        cr_assert_eq(repetitions.joined, 2);
        cr_assert_eq(repetitions.count, 500);
        cr_assert_str_eq(repetitions.unit, "2 scopes s");
        goes(&repetitions, 0, 2501 + 3, 2501 + 6);
        goes(&repetitions, 499, 2501 + 1999, 2501 + 2002);
        repetitions_deinit(&repetitions);
        repetitions = found(trace, "mark:b");
        cr_assert_eq(repetitions.joined, 1);
        cr_assert_eq(repetitions.count, 1000);
        repetitions_deinit(&repetitions);
        repetitions = found(trace, NULL);
        cr_assert_str_eq(repetitions.unit, "3 marks a");
        repetitions_deinit(&repetitions);
        trace_free(trace);
}

Test(repetitions, are_parts_of_the_time) {
        struct making making = begin();
        struct trace *trace;
        struct repetitions repetitions;

        tb_alloc(making.tb, making.site);
        tb_at(making.tb, 200 * MS + MS / 2); /* to the end, not to the last event */
        trace = end(&making);
        repetitions = found(trace, "time:7");
        cr_assert(repetitions.count == 7 && repetitions.end_count == 7 && repetitions.joined == 1);
        cr_assert(repetitions.first == 0 && repetitions.step == 1);
        cr_assert_str_eq(repetitions.unit, "1/7 of the run");
        for (size_t k = 0; k < 7; k++) {
                cr_assert_eq(repetitions.ends[k].units, 200 * (k + 1) / 7);
                cr_assert_eq(repetitions.ends[k].at.block, SIZE_MAX);
        }
        repetitions_deinit(&repetitions);
        repetitions = found(trace, NULL);
        cr_assert_eq(repetitions.count, 50);
        cr_assert_str_eq(repetitions.unit, "1/50 of the run");
        repetitions_deinit(&repetitions);
        repetitions = found(trace, "time:200");
        cr_assert_eq(repetitions.ends[0].units, 1);
        repetitions_deinit(&repetitions);
        is_refused(trace, "time:201");
        trace_free(trace);
}

/* What is taken of so many marks and scopes where nobody says. */
static void chooses(size_t marks, size_t others, size_t scopes, const char *unit) {
        struct making making = begin();
        struct trace *trace;

        for (size_t i = 0; i < marks; i++)
                mark(&making, "m");
        for (size_t i = 0; i < others; i++)
                mark(&making, "o");
        for (size_t i = 0; i < scopes; i++) {
                scope(&making, false, "s", 0);
                scope(&making, true, "s", 0);
                scope(&making, true, "unbegun", 0);
        }
        tb_at(making.tb, 100 * MS);
        trace = end(&making);
        if (unit) {
                struct repetitions repetitions = found(trace, NULL);

                cr_assert_str_eq(repetitions.unit, unit);
                repetitions_deinit(&repetitions);
        }
        trace_free(trace);
}

Test(repetitions, are_found_where_nobody_says) {
        chooses(10, 9, 20, "mark m");
        chooses(10, 11, 20, "mark o");
        chooses(10, 10, 0, "mark m");
        chooses(9, 9, 10, "scope s");
        chooses(9, 0, 9, "1/50 of the run");
        chooses(0, 0, 0, "1/50 of the run");
}

Test(repetitions, are_none_in_a_run_that_is_too_short) {
        struct making making = begin();
        struct trace *trace;

        tb_alloc(making.tb, making.site);
        tb_at(making.tb, 49 * MS);
        trace = end(&making);
        is_refused(trace, NULL);
        trace_free(trace);
}

Test(repetitions, that_there_are_not_are_told_what_there_is) {
        static const char *const names[] = { "a", "b", "a", "c", "d", "e", "f" };
        struct making making = begin();
        struct trace *trace, *more;
        char *text;

        for (size_t i = 0; i < 7; i++)
                mark(&making, names[i]);
        scope(&making, false, "begun", 0);
        trace = end(&making);
        cr_assert_eq(repetitions_moments_list(trace, REPETITIONS_MARK, &text), 0);
        cr_assert_str_eq(text, "mark:a, mark:b, mark:c, mark:d, mark:e, mark:f");
        free(text);
        cr_assert_eq(repetitions_moments_list(trace, REPETITIONS_SCOPE, &text), 0);
        cr_assert_str_eq(text, "no scopes");
        free(text);
        trace_free(trace);
        making = begin();
        for (char name[] = "a"; *name < 'h'; ++*name) {
                scope(&making, false, name, 0);
                scope(&making, true, name, 0);
        }
        more = end(&making);
        cr_assert_eq(repetitions_moments_list(more, REPETITIONS_SCOPE, &text), 0);
        cr_assert_str_eq(text, "scope:a, scope:b, scope:c, scope:d, scope:e, scope:f, ...");
        free(text);
        trace_free(more);
}
