/*
 * See grouping.h.
 */
#include "select/grouping.h"

#include "base/message.h"

#include <errno.h>

enum index { COST, BY, CUMULATIVE, SORT };

static const struct option_spec specs[] = {
        [COST] = { "cost", 'c', "COST", "what to compare: live, leaked, total, count or temporary",
                   aggregate_cost_names },
        [BY] = { "by", 'b', "KEY", "what to add up by: line, function, file, module, traceback or size",
                 aggregate_by_names },
        [CUMULATIVE] = { "cumulative", 0, NULL, "charge every frame of a stack, each once" },
        [SORT] = { "sort", 0, "ORDER", "what stands first: size, count, average or place",
                   aggregate_sort_names },
        { 0 },
};

static int take(void *context, size_t index, const char *value) {
        struct grouping *grouping = context;
        int choice = specs[index].choices ? options_choose(grouping->command, &specs[index], value) : 0;

        if (choice < 0)
                return choice;
        switch ((enum index)index) {
        case COST:
                grouping->cost = (enum aggregate_cost)choice;
                grouping->cost_given = true;
                break;
        case BY:
                grouping->by = (enum aggregate_by)choice;
                grouping->by_given = true;
                break;
        case CUMULATIVE:
                grouping->cumulative = true;
                break;
        case SORT:
                grouping->sort = (enum aggregate_sort)choice;
                grouping->sort_given = true;
                break;
        }
        return 0;
}

const struct option_group grouping_options = { specs, take };

int grouping_settle(struct grouping *grouping) {
        if (grouping->cumulative && (grouping->by == AGGREGATE_TRACEBACK || grouping->by == AGGREGATE_SIZE)) {
                message("%s: --cumulative charges frames; it goes with line, function, file and module",
                        grouping->command);
                return -EINVAL;
        }
        if (!grouping->sort_given)
                grouping->sort = grouping->by == AGGREGATE_SIZE      ? AGGREGATE_BY_PLACE
                                 : grouping->cost == AGGREGATE_COUNT ? AGGREGATE_BY_COUNT
                                                                     : AGGREGATE_BY_SIZE;
        return 0;
}

bool grouping_is_held(const struct grouping *grouping) {
        return grouping->cost == AGGREGATE_LIVE || grouping->cost == AGGREGATE_LEAKED;
}

enum moment_kind grouping_moment(const struct grouping *grouping, bool between) {
        return grouping->cost == AGGREGATE_LIVE && !between ? MOMENT_PEAK : MOMENT_END;
}

int grouping_allows(const struct grouping *grouping, const struct moment *moment) {
        if (grouping->cost != AGGREGATE_LEAKED || moment->kind == MOMENT_END)
                return 0;
        message("%s: --cost leaked is about the end; @%s cannot be it", grouping->command,
                moment_name(moment));
        return -EINVAL;
}
