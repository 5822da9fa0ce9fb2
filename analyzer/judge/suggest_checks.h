/*
 * Which stacks suppressions are suggested for: all those of the places that checks failed for, of the checks
 * that suppressions concern.
 *
 * Must not: know how suppressions are written.
 */
#ifndef ANALYZER_JUDGE_SUGGEST_CHECKS_H
#define ANALYZER_JUDGE_SUGGEST_CHECKS_H

#include "judge/check.h"
#include "judge/ledger.h"
#include "judge/suggest.h"

/*
 * `held`, of so many subjects, is what the stacks hold at the end; `places` numbers what is judged as one.
 * What the findings are of has to be listed whole. 0 or a negative errno already reported.
 */
int suggest_checks(struct suggest *suggest, const struct checks *checks, const struct stacks *stacks,
                   struct keys *places, const struct ledger *const *held, size_t count);

#endif
