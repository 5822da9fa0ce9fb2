/*
 * A place that a check is about, with all that is shown of it.
 *
 * Must not: decide which.
 */
#ifndef ANALYZER_JUDGE_FINDING_H
#define ANALYZER_JUDGE_FINDING_H

#include "judge/check.h"
#include "judge/stacks.h"

/*
 * Adds the place that a stack is charged to, with the stack's frames; both must outlive the check. The
 * finding is the caller's to fill further, until the next is added. 0 or -ENOMEM.
 */
int finding_add(struct check *check, const struct stacks *stacks, const struct keys *keys, uint32_t stack,
                struct check_finding **finding);

#endif
