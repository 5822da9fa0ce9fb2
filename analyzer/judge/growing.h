/*
 * Judges a process by how its places change while it repeats its work: none may grow from repetition to
 * repetition.
 *
 * Must not: know the statistics, which are drift.h's.
 */
#ifndef ANALYZER_JUDGE_GROWING_H
#define ANALYZER_JUDGE_GROWING_H

#include "judge/check.h"
#include "judge/drift.h"
#include "judge/process.h"
#include "judge/repetitions.h"

struct growing_wish {
        struct repetitions_wish repeat;
        struct drift_wish drift;
        const char *origin; /* who asks for it */
        struct keys *keys;  /* what places are */
        size_t finding_limit;
};

/* Whether the process tells of what it repeats, as far as it has to, or lasts long enough to be cut. */
bool growing_repeats(const struct growing_wish *wish, const struct process *process);

/*
 * Adds a check; what is suppressed is left out. `subject` is what it calls the process. 0 or a negative errno
 * already reported, as where there are no repetitions.
 */
int growing_judge(const struct growing_wish *wish, const struct process *process, const char *subject,
                  struct checks *checks);

/* Adds a check that cannot be decided, as no process lasts long enough. 0 or -ENOMEM, reported. */
int growing_judge_short(const struct growing_wish *wish, struct checks *checks);

#endif
