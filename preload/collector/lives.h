/*
 * How the blocks that were freed had lived, added up by site, distance and age class: MTR_LIVES in the
 * making. A hash table whose rows go to the file when they have become cheap beside what else is there,
 * or too many; then it is empty again.
 *
 * Runs in the collector's one thread. Must not: know blocks, threads or the file.
 */
#ifndef MEMTRACE_COLLECTOR_LIVES_H
#define MEMTRACE_COLLECTOR_LIVES_H

#include "collector/encode.h"

#define LIVES_ROWS_MAX (UINT32_C(1) << 17) /* with more they might not fit beside a checkpoint */
#define LIVES_GROUP 4u                     /* rows of a cache line */
#define LIVES_AGE_BITS 8u
#define LIVES_DISTANCE_BITS 5u
#define LIVES_FREES_BITS 23u
/* Half of what fits, so that there is time to write the rows. */
#define LIVES_SUM_FULL (UINT64_C(1) << 63 | UINT64_C(1) << (LIVES_FREES_BITS - 1))

struct lives_row {
        uint64_t key; /* site, distance and age class from high to low, + 1; 0: an empty slot */
        uint64_t sum; /* frees; above them the milliseconds beyond the least of the age class */
};

struct lives {
        struct lives_row *rows; /* a power of two of them */
        unsigned shift;         /* 64 - log2 of the number of groups */
        uint32_t row_count;
        uint64_t sums; /* all bits that a sum has had */
        bool told;     /* the block in the making tells the rows */
};

/* False: no memory. */
bool lives_init(struct lives *lives);
void lives_deinit(struct lives *lives);

/* Add to the row of a key that is not in its home. What there is no memory for is forgotten. */
void lives_add_further(struct lives *lives, uint64_t key, uint64_t sum);

/* The table cannot go on without being told. */
static inline bool lives_must_be_told(const struct lives *lives) {
        return (lives->sums & LIVES_SUM_FULL) != 0 || lives->row_count >= LIVES_ROWS_MAX;
}

/* The most bytes that lives_define appends. */
size_t lives_bytes_max(const struct lives *lives);

/* Append the content of MTR_LIVES. False: no memory, and nothing was appended. */
bool lives_define(struct lives *lives, struct buffer *payload);

/* The block is over: what it told is forgotten. */
void lives_block_begin(struct lives *lives);

/* Where the group is that a key's row is in, or would be if that were not full. */
static inline uint32_t lives_home(const struct lives *lives, uint64_t key) {
        return (uint32_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> lives->shift) * LIVES_GROUP;
}

/* The row of a key in a group, some other row when it is not there. Without a branch on where. */
static inline struct lives_row *lives_group_row(struct lives_row *group, uint64_t key) {
        return group + ((group[1].key == key) + (group[2].key == key) * 2 + (group[3].key == key) * 3);
}

/* Of an age, how many of its lower bits its class leaves open: see MTR_LIVES. */
static inline uint32_t lives_open_bits(uint32_t ms) {
        return 29u - (uint32_t)__builtin_clz(ms | 4);
}

/* One block of a site has lived. */
static inline void lives_add(struct lives *lives, uint32_t site, uint32_t distance, uint32_t ms) {
        uint32_t open_bits = lives_open_bits(ms), age_class = 4 * open_bits + (ms >> open_bits);
        uint64_t key = (((uint64_t)site << LIVES_DISTANCE_BITS | distance) << LIVES_AGE_BITS | age_class) + 1;
        uint64_t sum = (uint64_t)(ms & ((UINT32_C(1) << open_bits) - 1)) << LIVES_FREES_BITS | 1;
        struct lives_row *row = lives_group_row(&lives->rows[lives_home(lives, key)], key);

        if (__builtin_expect(row->key == key, 1))
                lives->sums |= row->sum += sum;
        else
                lives_add_further(lives, key, sum);
}

#endif
