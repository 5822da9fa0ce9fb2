/*
 * See grouping.h.
 */
#include "select/grouping.h"

#include "base/message.h"

#include <errno.h>
#include <string.h>

/* What a trace tells exactly. */
#define WITHIN_MOST (MTR_DISTANCE_FAR - 1)

enum index { COST, TEMPORARY, BY, CUMULATIVE, SORT };

static const struct option_spec specs[] = {
        [COST] = { "cost", 'c', "COST", "what to compare:", aggregate_cost_names },
        [TEMPORARY] = { "temporary", 0, "N", "--cost temporary=N: of what was freed within N allocations",
                        NULL },
        [BY] = { "by", 'b', "KEY", "what to add up by:", aggregate_by_names },
        [CUMULATIVE] = { "cumulative", 0, NULL, "charge every frame of a stack, each once", NULL },
        [SORT] = { "sort", 0, "ORDER", "what stands first:", aggregate_sort_names },
        { 0 },
};

static int take_within(struct grouping *grouping, const char *value) {
        unsigned long long most;

        if (options_number(value, 0, WITHIN_MOST, &most) < 0) {
                message("%s: temporary=%s: a trace tells 0 to %u allocations in between", grouping->command,
                        value, WITHIN_MOST);
                return -EINVAL;
        }
        grouping->within = (unsigned)most;
        grouping->within_given = true;
        return 0;
}

static int take_cost(struct grouping *grouping, const char *value) {
        const char *temporary = aggregate_cost_names[AGGREGATE_TEMPORARY];
        size_t length = strlen(temporary);
        int choice = AGGREGATE_TEMPORARY;

        if (strncmp(value, temporary, length) == 0 && value[length] == '=') {
                if (take_within(grouping, value + length + 1) < 0)
                        return -EINVAL;
        } else {
                choice = options_choose(grouping->command, &specs[COST], value);
        }
        if (choice < 0)
                return choice;
        grouping->cost = (enum aggregate_cost)choice;
        grouping->cost_given = true;
        return 0;
}

static int take(void *context, size_t index, const char *value) {
        struct grouping *grouping = context;
        int choice;

        if (index == COST)
                return take_cost(grouping, value);
        if (index == TEMPORARY)
                return take_within(grouping, value);
        choice = specs[index].choices ? options_choose(grouping->command, &specs[index], value) : 0;
        if (choice < 0)
                return choice;
        switch ((enum index)index) {
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
        default:
                return -EINVAL;
        }
        return 0;
}

const struct option_group grouping_options = { specs, take };

int grouping_settle(struct grouping *grouping) {
        if (grouping->within_given && !grouping->cost_given)
                grouping->cost = AGGREGATE_TEMPORARY;
        if (grouping->within_given && grouping->cost != AGGREGATE_TEMPORARY) {
                message("%s: --temporary is a cost of its own, it is not %s", grouping->command,
                        aggregate_cost_names[grouping->cost]);
                return -EINVAL;
        }
        if (grouping->cumulative && grouping->by > AGGREGATE_MODULE) {
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
