/*
 * A run against its baseline: what grew, place by place, as `memtrace diff` matches places.
 *
 * Must not: open anything, or decide what is suppressed.
 */
#ifndef ANALYZER_JUDGE_BASELINE_JUDGE_H
#define ANALYZER_JUDGE_BASELINE_JUDGE_H

#include "judge/baseline.h"
#include "judge/check.h"

/*
 * Whether the parts of `now` can be held against a baseline: both are of the same domains and by the same
 * key, and one program at least is of both. `name` is the baseline's file. 0, or a negative errno already
 * reported.
 */
int baseline_fits(const struct baseline *baseline, const char *name, const struct baseline *now, bool exact);

/* The first of that alone, likewise. */
int baseline_same_domains(const struct baseline *baseline, const char *name, const struct baseline *now);

/*
 * Judges a part of `now`, of a ledger of these stacks, by check->limit: bytes, or a share of what a place
 * had, or both, and then both must be exceeded; neither: nothing may grow. A place that is new had nothing.
 * `before` NULL: all are. Fills the rest of the check but for what names it; of the places beyond the limit
 * it lists `most`, the one that grew most first. The stacks must outlive the check. 0 or a negative errno
 * already reported.
 */
int baseline_judge(const struct baseline_part *before, const struct baseline *now,
                   const struct baseline_part *part, const struct stacks *stacks, size_t most,
                   struct check *check);

#endif
