/*
 * Which frame of a stack answers for its memory, which stacks are wanted, and of which domains: --frame,
 * --skip,
 * --domain and the filters, which all commands that look at stacks have in common.
 *
 * Must not: open anything.
 */
#ifndef ANALYZER_SELECT_SELECTION_H
#define ANALYZER_SELECT_SELECTION_H

#include "aggregate/charge.h"
#include "base/options.h"
#include "state/domain_choice.h"

struct selection {
        const char *command; /* for messages */
        enum charge_frame frame;
        struct filter filter;         /* what is wanted */
        struct filter skips;          /* frames that do not answer */
        struct domain_choice domains; /* whose memory */
        bool leaf, skip_std;          /* as given */
};

/* Its context is a struct selection with its command set. */
extern const struct option_group selection_options;

/* --domain alone, for commands that take stacks as they are; its context is a struct domain_choice. */
extern const struct option_group selection_domain_options;

/* What was not given follows from what was. 0 or -EINVAL, reported. */
int selection_settle(struct selection *selection);

/* One line on stderr for each glob that nothing matched: likely a slip of the pen. */
void selection_tell_unmatched(const struct selection *selection);

void selection_deinit(struct selection *selection);

#endif
