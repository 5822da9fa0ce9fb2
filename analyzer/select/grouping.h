/*
 * What is compared and what is added up together: --cost, --by, --cumulative and --sort, which all
 * commands with a table of places have in common.
 *
 * Must not: open anything.
 */
#ifndef ANALYZER_SELECT_GROUPING_H
#define ANALYZER_SELECT_GROUPING_H

#include "aggregate/aggregate.h"
#include "base/options.h"
#include "replay/moment.h"

struct grouping {
        const char *command; /* for messages */
        enum aggregate_cost cost;
        enum aggregate_by by;
        enum aggregate_sort sort;
        unsigned within; /* a temporary is freed before its thread made so many + 1 more allocations */
        bool cumulative, cost_given, by_given, sort_given, within_given;
        bool paths; /* the command adds up whole stacks, place by place; no option */
};

/* Its context is a struct grouping with its command set. */
extern const struct option_group grouping_options;

/* What was not given follows from what was. 0 or -EINVAL, reported. */
int grouping_settle(struct grouping *grouping);

/* Whether the cost is of blocks that are held, so that it can also become less. */
bool grouping_is_held(const struct grouping *grouping);

/*
 * The moment that is meant where none is given: `between`: the later one of two. Leaks stand at the end, as
 * do totals and what began at another moment.
 */
enum moment_kind grouping_moment(const struct grouping *grouping, bool between);

/* 0, or -EINVAL, reported: the cost is of another moment. */
int grouping_allows(const struct grouping *grouping, const struct moment *moment);

#endif
