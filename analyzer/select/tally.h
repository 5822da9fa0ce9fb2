/*
 * A state added up as the user asked for it.
 *
 * Must not: print.
 */
#ifndef ANALYZER_SELECT_TALLY_H
#define ANALYZER_SELECT_TALLY_H

#include "select/grouping.h"
#include "select/selection.h"
#include "state/state.h"

struct tally {
        struct charge *charge;
        struct aggregate aggregate;
        struct aggregate less; /* what is held less than at the state's `from` */
        bool net;              /* there is such a thing */
};

/* The domains that are meant where they are added up like that: --by domain is of all. */
struct domain_choice *tally_domains(const struct grouping *grouping, struct selection *selection);

/* What the state must have for that; for a command's state_wish, which is otherwise its own. */
void tally_wish(const struct grouping *grouping, struct selection *selection, struct state_wish *wish);

/*
 * tally_wish and state_open, where the moment is one that the cost can be of. 0 or a negative errno already
 * reported; the caller's to close on success alone.
 */
int tally_open(const char *operand, const struct grouping *grouping, struct selection *selection,
               struct state_wish *wish, struct state *state);

/* What to add up, likewise. */
struct aggregate_wish tally_sums(const struct grouping *grouping, struct selection *selection);

/* All three must outlive it. 0 or a negative errno already reported; to deinit on success alone. */
int tally_make(struct state *state, const struct grouping *grouping, struct selection *selection,
               struct tally *tally);

void tally_deinit(struct tally *tally);

#endif
