/* Scopes without their other half: which of them count. */
#include <criterion/criterion.h>

#include "aggregate/summary_scopes.h"

static struct trace_scope scopes[] = {
        { .at = { .name = (char *)"ended" }, .ends = true },
        { .at = { .name = (char *)"begun" } },
};

/* What counts of these two, as "ends begins". */
static int count(struct trace_facts facts, uint64_t damage_count) {
        struct reader reader = { .damage_count = damage_count };
        struct trace trace = { .reader = &reader, .facts = facts, .scopes = scopes, .scope_count = 2 };
        struct summary_scopes counted;

        cr_assert_eq(summary_scopes_count(&trace, &counted), 0);
        cr_assert_eq(counted.name_count, counted.ends + counted.begins);
        return (int)(counted.ends * 10 + counted.begins);
}

Test(summary_scopes, count_as_the_process_ended) {
        const struct {
                enum mtr_end_how how;
                int wanted;
        } ends[] = {
                { MTR_END_EXITED, 11 },  { MTR_END_SIGNALED, 10 }, { MTR_END_EXEC, 10 },
                { MTR_END_STOPPED, 10 }, { MTR_END_UNKNOWN, 10 },
        };

        for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
                cr_expect_eq(count((struct trace_facts){ .has_end = true, .end.how = ends[i].how }, 0),
                             ends[i].wanted);
        cr_assert_eq(count((struct trace_facts){ .end.how = MTR_END_EXITED }, 0), 10, "it runs still");
}

Test(summary_scopes, do_not_count_where_something_is_missing) {
        struct trace_facts facts = { .has_end = true, .end.how = MTR_END_EXITED };

        cr_assert_eq(count(facts, 0), 11);
        cr_assert_eq(count(facts, 1), 0);
        facts.end.lost = 1;
        cr_assert_eq(count(facts, 0), 0);
        facts.has_end = false;
        cr_assert_eq(count(facts, 0), 10);
        facts.lost_events = 1;
        cr_assert_eq(count(facts, 0), 0);
}

Test(summary_scopes, of_a_fork_child_may_be_its_parents) {
        struct trace_facts facts = { .has_end = true,
                                     .end.how = MTR_END_EXITED,
                                     .process.flags = MTR_PROCESS_FORKED };

        cr_assert_eq(count(facts, 0), 1);
        scopes[0].thread = 1;
        cr_assert_eq(count(facts, 0), 11);
}
