/*
 * See tally.h. One thread.
 */
#include "select/tally.h"

#include "base/message.h"

#include <errno.h>

struct domain_choice *tally_domains(const struct grouping *grouping, struct selection *selection) {
        selection->domains.command = selection->command;
        selection->domains.all = grouping->by == AGGREGATE_DOMAIN;
        return &selection->domains;
}

void tally_wish(const struct grouping *grouping, struct selection *selection, struct state_wish *wish) {
        wish->totals |= !grouping_is_held(grouping);
        wish->by_thread = grouping->by == AGGREGATE_THREAD;
        wish->filter = &selection->filter;
        wish->domains = tally_domains(grouping, selection);
        wish->within = grouping->within;
}

int tally_open(const char *operand, const struct grouping *grouping, struct selection *selection,
               struct state_wish *wish, struct state *state) {
        int error;

        tally_wish(grouping, selection, wish);
        error = state_open(operand, wish, state);
        if (error < 0)
                return error;
        error = grouping_allows(grouping, &state->moment);
        if (error < 0)
                state_close(state);
        return error;
}

struct aggregate_wish tally_sums(const struct grouping *grouping, struct selection *selection) {
        return (struct aggregate_wish){
                .cost = grouping->cost,
                .by = grouping->by,
                .sort = grouping->sort,
                .cumulative = grouping->cumulative,
                .paths = grouping->paths,
                .within = grouping->within,
                .filter = &selection->filter,
        };
}

int tally_make(struct state *state, const struct grouping *grouping, struct selection *selection,
               struct tally *tally) {
        struct aggregate_wish wish = tally_sums(grouping, selection);
        int error;

        if (grouping->by == AGGREGATE_THREAD && !state->range.more.by_thread) {
                message("%s: --by thread does not go with it", grouping->command);
                return -EINVAL;
        }
        *tally = (struct tally){ .net = state->from.given && grouping_is_held(grouping) };
        tally->charge = charge_new(state->trace, state->symbols, selection->frame, &selection->skips);
        error = tally->charge ? aggregate_make(&state->range.more, tally->charge, &wish, &tally->aggregate)
                              : -ENOMEM;
        if (error == 0 && tally->net)
                error = aggregate_make(&state->range.less, tally->charge, &wish, &tally->less);
        if (error < 0)
                tally_deinit(tally);
        return error;
}

void tally_deinit(struct tally *tally) {
        aggregate_deinit(&tally->less);
        aggregate_deinit(&tally->aggregate);
        charge_free(tally->charge);
        *tally = (struct tally){ 0 };
}
