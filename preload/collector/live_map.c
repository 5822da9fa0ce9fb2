/*
 * Growth of the live map: see live_map.h. Runs in the collector's one thread.
 */
#include "collector/live_map.h"

#include "collector/memory.h"

#define BUCKETS_FIRST 64u
#define BUCKETS_MAX (UINT32_C(1) << 30)
#define DROP_BUCKETS 32768u /* the old table's memory goes back in steps of so many: one huge page */

static bool map_of(struct live_map *map, uint32_t buckets) {
        map->buckets = memory_map_large(buckets * sizeof(*map->buckets));
        if (!map->buckets)
                return false;
        map->shift = 64u - (unsigned)__builtin_ctz(buckets / 4);
        map->mask = buckets - 1;
        map->count = 0;
        map->count_max = (uint64_t)buckets * LIVE_SLOTS * 3 / 5;
        return true;
}

bool live_map_init(struct live_map *map) {
        return map_of(map, BUCKETS_FIRST);
}

void live_map_deinit(struct live_map *map) {
        if (map->buckets)
                memory_unmap(map->buckets, ((size_t)map->mask + 1) * sizeof(*map->buckets));
        *map = (struct live_map){ 0 };
}

/* Walks old and new table in the same order, so that the old one can go as the new one fills. */
bool live_map_grow(struct live_map *map) {
        struct live_map grown;
        uint32_t buckets = map->mask + 1;

        if (buckets >= BUCKETS_MAX || !map_of(&grown, buckets * 2))
                return false;
        for (uint32_t i = 0; i < buckets; i++) {
                const struct live_bucket *bucket = &map->buckets[i];

                for (unsigned used = bucket->used; used != 0; used &= used - 1) {
                        unsigned slot = (unsigned)__builtin_ctz(used);
                        uint64_t address = (uint64_t)bucket->high[slot] << 32 | bucket->low[slot];

                        /* Never grows: the new table has twice the room of all there is. */
                        (void)live_map_insert(&grown, address, live_bucket_block(bucket, slot));
                }
                if ((i + 1) % DROP_BUCKETS == 0)
                        memory_drop(&map->buckets[i + 1 - DROP_BUCKETS], DROP_BUCKETS * sizeof(*bucket));
        }
        live_map_deinit(map);
        *map = grown;
        return true;
}

void live_map_age(struct live_map *map, uint32_t now_unit) {
        for (uint32_t i = 0; i <= map->mask; i++) {
                for (unsigned used = map->buckets[i].used; used != 0; used &= used - 1) {
                        uint32_t *unit = &map->buckets[i].unit[__builtin_ctz(used)];

                        if (now_unit - *unit > LIVE_AGE_MAX)
                                *unit = now_unit - LIVE_AGE_MAX;
                }
        }
}
