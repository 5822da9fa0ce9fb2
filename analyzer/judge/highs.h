/*
 * The most that places, and the places that a rule takes together, held at one time in a process.
 *
 * Must not: judge.
 */
#ifndef ANALYZER_JUDGE_HIGHS_H
#define ANALYZER_JUDGE_HIGHS_H

#include "judge/process.h"
#include "judge/rules.h"

/* Whether rules ask for it, which takes a replay for each such rule. */
bool highs_are_asked(const struct rules *rules);

/* `keys`: what places are. 0 or a negative errno already reported. */
int highs_take(const struct process *process, const struct rules *rules, struct keys *keys,
               struct subject *subject);

#endif
