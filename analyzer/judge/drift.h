/*
 * Does a place's memory grow while the run repeats its work? Judged from one value for each repetition: what
 * the place never fell below in it. docs/growth.md tells the same at length, and what came of it.
 *
 * The first repetitions are the warm-up and do not count. Of the rest, blocks are made (judge/blocks.h), and
 * the least of each is what is judged. A place grows if all of this holds, where a is the false alarm rate:
 *
 * - trend: Mann and Kendall's chance, adjusted for all places whose values change (Benjamini and
 *   Hochberg), is no more than a.
 * - slope: Theil and Sen's is above min_slope_bytes, and the lower end of its interval above 0.
 * - late: in the later half of the blocks alone Mann and Kendall's chance is no more than a too, and the
 *   slope half of that of them all or more: what fills and levels off has stopped by then.
 * - steps: the blocks are cut in three, first where the means before and after differ most (by the sum of
 *   squares that it takes away), then where those of one of the parts do. The chance of so much rise within
 *   the parts is no more than a: one jump or two make no growth.
 * - rises: only where no length makes blocks independent, as of a walk at random. The chance of so many rises
 *   or more among the rises and falls from block to block, were both as likely (sign test), is no more than
 *   a; what is less than a quarter of the slope is neither. Where this alone is missing, nobody can tell.
 *
 * Must not: read traces, or print.
 */
#ifndef ANALYZER_JUDGE_DRIFT_H
#define ANALYZER_JUDGE_DRIFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct drift_wish {
        double false_alarm_rate; /* above 0, below 1 */
        double min_slope_bytes;  /* a repetition; what grows by no more is no failure */
        double confidence;       /* of the slope's interval, above 0, below 1 */
        double warm_up_share;    /* of all repetitions, 0 to below 1, rounded up; one repetition at least */
        size_t warm_up;          /* where not 0: so many repetitions instead */
        size_t places;           /* how many are decided together; 0 counts as 1 */
};

/* 1 %, 0 bytes, 95 %, a fifth. */
extern const struct drift_wish drift_default;

enum drift_verdict { DRIFT_STEADY, DRIFT_GROWS, DRIFT_UNDECIDED };

struct drift {
        enum drift_verdict verdict; /* until drift_decide: what can be told without the other places */
        double slope, slope_low, slope_high; /* bytes a repetition */
        double p, p_adjusted;                /* 1 where nothing was tested */
        size_t repetitions, warm_up;         /* all of them, and those before the first block */
        size_t blocks, block_length;         /* 0: nothing was tested */
        size_t needed;             /* so many repetitions make long enough blocks; 0: nobody knows */
        const char *why;           /* the rule that decided, in words; static */
        double late_slope, late_p; /* of the later half of the blocks */
        double steps_p, rises_p;
        bool tested, dependent;
};

/* How many repetitions it takes until the steadiest growth of one of wish->places can be told. */
size_t drift_needed(const struct drift_wish *wish);

/* `values`, one a repetition, may go afterwards. 0, or -ENOMEM, reported. */
int drift_measure(const uint64_t *values, size_t count, const struct drift_wish *wish, struct drift *drift);

/* The verdicts, once all places are measured. 0, or -ENOMEM, reported. */
int drift_decide(struct drift *drifts, size_t count, const struct drift_wish *wish);

#endif
