/*
 * Sums that stay at the largest number where they would go beyond it, as only a crafted trace's do.
 *
 * Must not: fail.
 */
#ifndef ANALYZER_BASE_SATURATE_H
#define ANALYZER_BASE_SATURATE_H

#include <stdint.h>

static inline uint64_t saturate_add(uint64_t left, uint64_t right) {
        uint64_t sum;

        return __builtin_add_overflow(left, right, &sum) ? UINT64_MAX : sum;
}

static inline uint64_t saturate_times(uint64_t left, uint64_t right) {
        uint64_t product;

        return __builtin_mul_overflow(left, right, &product) ? UINT64_MAX : product;
}

#endif
