/*
 * The check of a baseline: finds out what the user named, compares, or writes it anew.
 *
 * Must not: compare places itself.
 */
#ifndef ANALYZER_JUDGE_BASELINE_CHECK_H
#define ANALYZER_JUDGE_BASELINE_CHECK_H

#include "judge/baseline_domains.h"
#include "judge/check.h"
#include "judge/process.h"
#include "judge/rules.h"

struct baseline_wish {
        const char *path;          /* a baseline, or TRACE[@WHEN] or a saved snapshot; NULL: no such check */
        const struct rule *growth; /* by how much a place may grow; NULL: not at all */
        enum aggregate_by by;      /* what a place is, where by_given; else as the baseline has it */
        bool by_given;
        bool exact;  /* each subject is a program, and compared with that program alone */
        bool update; /* the baseline is written */
};

/*
 * Adds a check for each of the subjects, which are of those domains, taken over. `reading` is how traces are
 * read: the one compared with, too. 0 or a negative errno already reported.
 */
int baseline_check(const struct baseline_wish *wish, const struct process_wish *reading,
                   const struct subject *const *subjects, size_t count, struct baseline_domains *domains,
                   size_t finding_limit, struct checks *checks);

#endif
