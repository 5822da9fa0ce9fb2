/*
 * Neighbouring repetitions are alike: what a place holds goes up and down as its load does, or in teeth as
 * something fills and is emptied. A statistical test that takes each of them for a witness of its own sees a
 * trend in every such swing. So blocks of several repetitions are made, and of each the least is taken: a
 * tooth that begins and ends within a block leaves nothing there, and what grows beneath it remains.
 *
 * How long the blocks are is decided by the values less their Theil-Sen line. Their correlation from one to
 * the next is r, by an upper bound as the tests must not be misled: the estimate plus its bias, (1 + 4 r) / n
 * where r > 0 and 1 / n otherwise (Kendall, Biometrika 41, 1954), and 1.645 / sqrt(n). A chain with that
 * correlation has forgotten a value after some (1 + r) / (1 - r); a block has to be as long as that. Of the
 * lengths that are, and leave `fewest` blocks or more but no more than MONOTONE_EXACT, the shortest is taken,
 * or a longer one if its line is better known by a fifth each time: if the mean distance from the line,
 * divided by length * count^1.5, is less than 0.8 of that of the one taken so far. Where no length is enough,
 * the longest is taken, and `dependent` says so.
 *
 * Must not: judge.
 */
#ifndef ANALYZER_JUDGE_BLOCKS_H
#define ANALYZER_JUDGE_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct blocks {
        double *least;        /* by block; heap */
        size_t count, length; /* the last block ends with the last value, the first values may be in none */
        bool dependent;
        double span; /* the length that would be enough; INFINITY where none is */
};

/* `count` is `fewest` or more, and `fewest` 2 or more. 0, or -ENOMEM. */
int blocks_choose(const uint64_t *values, size_t count, size_t fewest, struct blocks *blocks);
void blocks_deinit(struct blocks *blocks);

#endif
