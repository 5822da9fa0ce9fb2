/*
 * What every report must be, whatever names the trace holds: JSON that a strict parser takes, and text
 * without a control character. Aborts where it is not.
 */
#ifndef TESTS_FUZZ_RENDER_CHECK_H
#define TESTS_FUZZ_RENDER_CHECK_H

#include "render/render.h"

/* A report as `memtrace report` makes it by default. */
static inline struct report render_check_report(const struct summary *summary,
                                                const struct aggregate *aggregate) {
        static const struct moment moment = { .kind = MOMENT_MARK, .when = "\33[2J\n</script>\xff" };

        return (struct report){ .trace_name = "fuzz",
                                .summary = summary,
                                .aggregate = aggregate,
                                .moment = &moment,
                                .from = &moment,
                                .less = aggregate,
                                .limit = 20,
                                .frame_limit = 20 };
}

void render_check(const struct report *report);

/* The call graph of its aggregate, which is of paths, and its tables. */
void render_check_calls(const struct report *report);

/* Flame graphs of its aggregate, which is of paths: from either end, and as differences. */
void render_check_flames(const struct report *report);

/* How long blocks lived, of the entries of its report. */
struct ages;
void render_check_ages(const struct ages *ages);

/* Without --pretty, which opens the source files that are named. */
void render_check_tables(const struct report *report);

#endif
