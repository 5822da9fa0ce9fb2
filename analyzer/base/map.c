/*
 * Open addressing; the table doubles at half full. One thread.
 */
#include "base/map.h"

#include "base/scatter.h"

#include <errno.h>
#include <stdlib.h>

static struct map_slot *slot_of(struct map_slot *slots, size_t slot_count, uint64_t key) {
        size_t at = scatter(key) & (slot_count - 1);

        while (slots[at].used && slots[at].key != key)
                at = (at + 1) & (slot_count - 1);
        return &slots[at];
}

static int grow(struct map *map) {
        size_t wanted = map->slot_count ? map->slot_count * 2 : 64;
        struct map_slot *slots = calloc(wanted, sizeof(*slots));

        if (!slots)
                return -ENOMEM;
        for (size_t i = 0; i < map->slot_count; i++)
                if (map->slots[i].used)
                        *slot_of(slots, wanted, map->slots[i].key) = map->slots[i];
        free(map->slots);
        map->slots = slots;
        map->slot_count = wanted;
        return 0;
}

void map_deinit(struct map *map) {
        free(map->slots);
        *map = (struct map){ 0 };
}

uint32_t *map_value(struct map *map, uint64_t key, uint32_t fresh) {
        struct map_slot *slot;

        if (map->count * 2 >= map->slot_count && grow(map) < 0)
                return NULL;
        slot = slot_of(map->slots, map->slot_count, key);
        if (!slot->used) {
                *slot = (struct map_slot){ key, fresh, 1 };
                map->count++;
        }
        return &slot->value;
}
