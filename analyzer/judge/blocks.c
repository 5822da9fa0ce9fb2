/*
 * See blocks.h.
 */
#include "judge/blocks.h"

#include "base/monotone.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* So many values are looked at one by one; of more, the least of every two, three ... are. */
#define FINE_MAX 240
/* A longer block has to be better by so much. */
#define WORTH_LENGTH 0.8
/* Any of Theil and Sen's intervals: only the slope is asked for. */
#define CONFIDENCE 0.95

struct scratch {
        double *least, *distances, *spare; /* room for all values, each */
};

static void scratch_deinit(struct scratch *scratch) {
        free(scratch->least);
        free(scratch->distances);
        free(scratch->spare);
}

static int scratch_init(struct scratch *scratch, size_t count) {
        scratch->least = calloc(count, sizeof(*scratch->least));
        scratch->distances = calloc(count, sizeof(*scratch->distances));
        scratch->spare = calloc(count, sizeof(*scratch->spare));
        if (scratch->least && scratch->distances && scratch->spare)
                return 0;
        scratch_deinit(scratch);
        return -ENOMEM;
}

/* The number of blocks. */
static size_t take_least(const uint64_t *values, size_t count, size_t length, double *least) {
        size_t blocks = count / length, first = count - blocks * length;

        for (size_t b = 0; b < blocks; b++) {
                uint64_t lowest = values[first + b * length];

                for (size_t i = 1; i < length; i++)
                        if (values[first + b * length + i] < lowest)
                                lowest = values[first + b * length + i];
                least[b] = (double)lowest;
        }
        return blocks;
}

/* Fills `distances` from the line, and their mean. */
static int measure_line(struct scratch *scratch, size_t count, double *mean) {
        struct monotone_slope slope;
        double middle, sum = 0;
        int r = monotone_fit(scratch->least, count, CONFIDENCE, &slope);

        if (r)
                return r;
        for (size_t i = 0; i < count; i++) {
                scratch->distances[i] = scratch->spare[i] = scratch->least[i] - slope.slope * (double)i;
        }
        middle = monotone_median(scratch->spare, count);
        for (size_t i = 0; i < count; i++) {
                scratch->distances[i] -= middle;
                sum += fabs(scratch->distances[i]);
        }
        *mean = sum / (double)count;
        return 0;
}

/* After how many values they have come back, at most. */
static double span_of(const double *distances, size_t count) {
        double mean = 0, squares = 0, products = 0, correlation;

        for (size_t i = 0; i < count; i++)
                mean += distances[i] / (double)count;
        for (size_t i = 0; i < count; i++) {
                squares += (distances[i] - mean) * (distances[i] - mean);
                if (i > 0)
                        products += (distances[i] - mean) * (distances[i - 1] - mean);
        }
        correlation = squares > 0 ? products / squares : 0;
        correlation += (1 + 4 * fmax(0, correlation)) / (double)count + 1.645 / sqrt((double)count);
        if (correlation >= 1)
                return INFINITY;
        return (1 + correlation) / (1 - correlation);
}

static int choose(struct scratch *scratch, const uint64_t *values, size_t count, size_t fewest,
                  struct blocks *blocks) {
        size_t grain = (count + FINE_MAX - 1) / FINE_MAX, longest = count / fewest, length;
        size_t fine_count = take_least(values, count, grain, scratch->least);
        double mean, least_error = INFINITY;
        int r = measure_line(scratch, fine_count, &mean);

        blocks->span = mean > 0 ? ceil((double)grain * span_of(scratch->distances, fine_count)) : 1;
        blocks->dependent = blocks->span > (double)longest;
        length = blocks->dependent ? longest : (size_t)blocks->span;
        if (length < (count + MONOTONE_EXACT - 1) / MONOTONE_EXACT)
                length = (count + MONOTONE_EXACT - 1) / MONOTONE_EXACT;
        if (length > longest)
                length = longest;
        for (; length <= longest && r == 0; length++) {
                size_t block_count = take_least(values, count, length, scratch->least);
                double error;

                r = measure_line(scratch, block_count, &mean);
                error = mean / ((double)length * (double)block_count * sqrt((double)block_count));
                if (r == 0 && error < WORTH_LENGTH * least_error) {
                        least_error = error;
                        blocks->length = length;
                }
        }
        return r;
}

int blocks_choose(const uint64_t *values, size_t count, size_t fewest, struct blocks *blocks) {
        struct scratch scratch;
        int r = scratch_init(&scratch, count);

        *blocks = (struct blocks){};
        if (r)
                return r;
        r = choose(&scratch, values, count, fewest, blocks);
        if (r == 0) {
                blocks->count = take_least(values, count, blocks->length, scratch.least);
                blocks->least = scratch.least;
                scratch.least = NULL;
        }
        scratch_deinit(&scratch);
        return r;
}

void blocks_deinit(struct blocks *blocks) {
        free(blocks->least);
        blocks->least = NULL;
}
