/*
 * The live blocks of one process: address -> what its allocation was. Buckets of one
 * cache line with three entries each, so that a look-up costs one miss, which the caller
 * prefetches. What does not fit goes to the next bucket; each bucket counts what passed it by,
 * which ends a search as early as possible and lets an entry be taken out without a trace.
 *
 * Runs in the collector's one thread. Must not: know of order, records or events.
 */
#ifndef MEMTRACE_COLLECTOR_LIVE_MAP_H
#define MEMTRACE_COLLECTOR_LIVE_MAP_H

#include <emmintrin.h>
#include <stdbool.h>
#include <stdint.h>

#define LIVE_SLOTS 3u
#define LIVE_USED_ALL ((1u << LIVE_SLOTS) - 1)
#define LIVE_AGE_MAX (UINT32_C(1) << 31) /* units: 24 days */
#define LIVE_AGE_STEP (LIVE_AGE_MAX / 2) /* live_map_age is due at least this often */
#define LIVE_PASSED_MAX UINT16_MAX       /* a count that got here says "some" for good */

struct live_bucket {
        uint32_t low[LIVE_SLOTS]; /* the address's lower 32 bits; first, it is read as four */
        uint32_t site[LIVE_SLOTS];
        uint32_t thread[LIVE_SLOTS];
        uint32_t unit[LIVE_SLOTS];
        uint16_t high[LIVE_SLOTS]; /* its upper 16 */
        uint16_t order[LIVE_SLOTS];
        uint16_t passed; /* entries that hash here and live further on */
        uint16_t used;   /* one bit a slot */
};
_Static_assert(sizeof(struct live_bucket) == 64, "one cache line");

struct live_map {
        struct live_bucket *buckets; /* a power of two of them */
        unsigned shift;              /* 64 - log2 of a quarter of their number */
        uint32_t mask;
        uint64_t count;
        uint64_t count_max; /* grow beyond */
};

struct live_block {
        uint32_t site;
        uint32_t thread; /* who allocated it, as the trace numbers threads */
        uint32_t unit;   /* the stream's time then, its lower 32 bits */
        uint16_t order;  /* how many blocks its thread's ring had allocated before, the lower 16 bits */
};

/* False: no memory. */
bool live_map_init(struct live_map *map);
void live_map_deinit(struct live_map *map);
bool live_map_grow(struct live_map *map);

/* Blocks older than LIVE_AGE_MAX count as that old, so that 32 bits tell their age until the next time. */
void live_map_age(struct live_map *map, uint32_t now_unit);

/*
 * Neighbours in memory are neighbours here, since a program uses them together: 256 bytes share
 * four buckets in a row, 64 bytes one. Which of the four comes first differs from place to place, so
 * that blocks that are all aligned alike spread over all four.
 */
static inline uint32_t live_map_home(const struct live_map *map, uint64_t address) {
        uint64_t mixed = (address >> 8) * UINT64_C(0x9e3779b97f4a7c15);

        return (uint32_t)(mixed >> map->shift) << 2 |
               ((uint32_t)(address >> 6) ^ (uint32_t)(mixed >> 32)) % 4;
}

static inline void live_map_prefetch(const struct live_map *map, uint64_t address) {
        __builtin_prefetch(&map->buckets[live_map_home(map, address)], 1);
}

/* The slot of `address` in a bucket, LIVE_SLOTS when it is not there. */
static inline unsigned live_bucket_find(const struct live_bucket *bucket, uint64_t address) {
        __m128i wanted = _mm_set1_epi32((int)(uint32_t)address);
        __m128i equal = _mm_cmpeq_epi32(_mm_load_si128((const __m128i *)bucket), wanted);
        unsigned candidates = (unsigned)_mm_movemask_ps(_mm_castsi128_ps(equal));

        for (candidates &= bucket->used; candidates != 0; candidates &= candidates - 1) {
                unsigned slot = (unsigned)__builtin_ctz(candidates);

                if (bucket->high[slot] == (uint16_t)(address >> 32))
                        return slot;
        }
        return LIVE_SLOTS;
}

static inline struct live_block live_bucket_block(const struct live_bucket *bucket, unsigned slot) {
        return (struct live_block){ bucket->site[slot], bucket->thread[slot], bucket->unit[slot],
                                    bucket->order[slot] };
}

static inline void live_bucket_put(struct live_bucket *bucket, uint64_t address, struct live_block block) {
        unsigned slot = (unsigned)__builtin_ctz(~(unsigned)bucket->used);

        bucket->used |= (uint16_t)(1u << slot);
        bucket->low[slot] = (uint32_t)address;
        bucket->high[slot] = (uint16_t)(address >> 32);
        bucket->site[slot] = block.site;
        bucket->thread[slot] = block.thread;
        bucket->unit[slot] = block.unit;
        bucket->order[slot] = block.order;
}

/* Adds a block where its first bucket alone tells that it is not there and has room for it. False: it does
 * not, and nothing was done. */
static inline bool live_map_insert_first(struct live_map *map, uint64_t address, struct live_block block) {
        struct live_bucket *bucket = &map->buckets[live_map_home(map, address)];

        if (__builtin_expect((bucket->passed != 0) | (bucket->used == LIVE_USED_ALL) |
                                     (map->count >= map->count_max),
                             0) ||
            live_bucket_find(bucket, address) != LIVE_SLOTS)
                return false;
        live_bucket_put(bucket, address, block);
        map->count++;
        return true;
}

/* Adds a block that is not there. False: no memory. */
static inline bool live_map_insert(struct live_map *map, uint64_t address, struct live_block block) {
        struct live_bucket *bucket;
        uint32_t index;

        if (__builtin_expect(map->count >= map->count_max, 0) && !live_map_grow(map))
                return false;
        index = live_map_home(map, address);
        while ((bucket = &map->buckets[index])->used == LIVE_USED_ALL) {
                bucket->passed += bucket->passed != LIVE_PASSED_MAX;
                index = (index + 1) & map->mask;
        }
        live_bucket_put(bucket, address, block);
        map->count++;
        return true;
}

static inline bool live_map_find(const struct live_map *map, uint64_t address, struct live_block *block) {
        uint32_t index = live_map_home(map, address);

        for (;;) {
                const struct live_bucket *bucket = &map->buckets[index];
                unsigned slot = live_bucket_find(bucket, address);

                if (slot != LIVE_SLOTS) {
                        *block = live_bucket_block(bucket, slot);
                        return true;
                }
                if (bucket->passed == 0)
                        return false;
                index = (index + 1) & map->mask;
        }
}

/* Takes a block out; false when it is not there. */
static inline bool live_map_remove(struct live_map *map, uint64_t address, struct live_block *block) {
        uint32_t home = live_map_home(map, address);
        uint32_t index = home;

        for (;;) {
                struct live_bucket *bucket = &map->buckets[index];
                unsigned slot = live_bucket_find(bucket, address);

                if (slot != LIVE_SLOTS) {
                        *block = live_bucket_block(bucket, slot);
                        bucket->used &= (uint16_t) ~(1u << slot);
                        map->count--;
                        break;
                }
                if (bucket->passed == 0)
                        return false;
                index = (index + 1) & map->mask;
        }
        for (; home != index; home = (home + 1) & map->mask)
                map->buckets[home].passed -= map->buckets[home].passed != LIVE_PASSED_MAX;
        return true;
}

#endif
