/*
 * How the blocks that were freed had lived, added up by site, distance and age class: MTR_LIVES in the
 * making. Most blocks of a site live alike, so each site has two cells, beside what else is changed at its
 * frees: those of one distance and age class each. What has no cell is in a hash table. All of it goes to the
 * file when it has become cheap beside what else is there, or too much; then it is empty again.
 *
 * Runs in the collector's one thread. Must not: know blocks, threads or the file.
 */
#ifndef MEMTRACE_COLLECTOR_LIVES_H
#define MEMTRACE_COLLECTOR_LIVES_H

#include "collector/encode.h"
#include "collector/sites.h"

#define LIVES_ROWS_MAX (UINT32_C(1) << 17) /* with more they might not fit beside a checkpoint */
#define LIVES_AGE_BITS 8u
#define LIVES_DISTANCE_BITS 5u
#define LIVES_FREES_BITS 19u

/*
 * A cell: from low to high the age class and the distance, the frees, and the milliseconds beyond the least
 * of the age class. The highest bit of both sums is clear.
 */
#define LIVES_KIND_BITS (LIVES_AGE_BITS + LIVES_DISTANCE_BITS)
#define LIVES_KIND_MASK ((UINT64_C(1) << LIVES_KIND_BITS) - 1)
#define LIVES_BEYOND_SHIFT (LIVES_KIND_BITS + LIVES_FREES_BITS)
#define LIVES_CELL_FULL (UINT64_C(1) << 63 | UINT64_C(1) << (LIVES_BEYOND_SHIFT - 1))

struct lives_row {
        uint64_t key; /* site, distance and age class from high to low, + 1; 0: an empty slot */
        uint64_t frees;
        uint64_t beyond_ms;
};

struct lives {
        struct lives_row *rows; /* a power of two of them */
        unsigned shift;         /* 64 - log2 of that */
        uint32_t row_count;
        uint32_t cell_count; /* of the sites, those that are not empty */
        bool told;           /* the block in the making tells all there was */
};

/* False: no memory. */
bool lives_init(struct lives *lives);
void lives_deinit(struct lives *lives);

/* Room for so many frees more, whatever their kinds. False: no memory. */
bool lives_reserve(struct lives *lives, uint32_t frees);

/* Add a free, as a cell of its own would be, to a site that has no cell for it or a full one. What there is
 * no room for is forgotten. */
void lives_add_further(struct lives *lives, struct sites *sites, uint32_t site, uint64_t cell);

/* The rows that lives_define appends, at most. */
static inline uint32_t lives_rows(const struct lives *lives) {
        return lives->row_count + lives->cell_count;
}

/* The most bytes that it appends. */
size_t lives_bytes_max(const struct lives *lives);

/* Append the content of MTR_LIVES. False: no memory, and nothing was appended. Looks at each site. */
bool lives_define(struct lives *lives, struct sites *sites, struct buffer *payload);

/* The block is over: what it told is forgotten. */
void lives_block_begin(struct lives *lives);

/* One block of a site has lived. Without a branch on which of the two cells is its. */
static inline void lives_add(struct lives *lives, struct sites *sites, uint32_t site, uint32_t distance,
                             uint32_t ms) {
        uint64_t *lived = sites_at(sites, site)->lived;
        uint32_t open_bits = (31u ^ (uint32_t)__builtin_clz(ms | 4)) - 2; /* that its class leaves open */
        uint32_t top = ms >> open_bits;
        uint64_t kind = distance << LIVES_AGE_BITS | (4 * open_bits + top);
        uint64_t one = (uint64_t)(ms - (top << open_bits)) << LIVES_BEYOND_SHIFT | UINT64_C(1)
                                                                                           << LIVES_KIND_BITS;
        uint64_t *cell = &lived[((lived[0] ^ kind) & LIVES_KIND_MASK) != 0];
        uint64_t sum = *cell + one;

        if (__builtin_expect(((sum ^ kind) & (LIVES_KIND_MASK | LIVES_CELL_FULL)) == 0, 1))
                *cell = sum;
        else
                lives_add_further(lives, sites, site, one | kind);
}

#endif
