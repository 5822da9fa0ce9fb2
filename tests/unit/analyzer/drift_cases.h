/*
 * Histories of a place's memory, made up of parts that are added: one value for each repetition, what the
 * place never fell below in it. Whole numbers alone, so that every machine and compiler makes the same.
 */
#ifndef TESTS_DRIFT_CASES_H
#define TESTS_DRIFT_CASES_H

#include <stddef.h>
#include <stdint.h>

/* What a person who knew how it was made would say of it, and what the values have to make plain. */
enum told {
        TOLD_STEADY,
        TOLD_GROWS,
        TOLD_NOT_ALWAYS, /* it grows, by little for its noise */
        TOLD_NOT_AT_ALL  /* the values do not tell */
};

enum noise {
        NOISE_NONE,
        NOISE_EVEN,   /* like a bell; `noise_bytes` is its standard deviation */
        NOISE_HEAVY,  /* to either side, with far outliers */
        NOISE_ABOVE,  /* over a floor that is often reached */
        NOISE_WANDERS /* like a bell, and `wanders_permille` of what it was before stays */
};

/* Bytes, of the run percent, and where nothing is said 0 for none. */
struct drift_case {
        const char *name;
        enum told told;
        size_t repetitions;
        enum noise noise;
        int64_t noise_bytes, wanders_permille;
        int64_t drip_bytes, drip_every, drip_begins_percent, drip_speeds_up;
        int64_t tooth_bytes, tooth_length, tooth_tenths; /* length in repetitions, and tenths of one more */
        int64_t tooth_random;                            /* up to so many repetitions longer, each anew */
        int64_t tooth_threads;                           /* each has its own, staggered */
        int64_t fill_bytes, fill_percent;                /* at an even pace, and then full */
        int64_t near_bytes, near_percent;                /* ever slower: 95 % by then */
        int64_t step_bytes, step_percents[3];
        int64_t parts, parts_late, parts_early; /* steps by chance: as often, rather and mostly early */
        int64_t release_percent;
        int64_t walk_bytes, walk_width; /* up or down by as much, within so much; 0: no bounds */
        int64_t burst_bytes, burst_percent;
        int64_t spike_bytes;
        int64_t vectors, vector_items, vector_growth_permille; /* items of 8 bytes, so many a repetition */
};

/* `values` has room for `repetitions`. The same for the same seed. */
void drift_case_make(const struct drift_case *made, uint64_t seed, uint64_t *values);

extern const struct drift_case drift_cases[];
extern const size_t drift_case_count;

#endif
