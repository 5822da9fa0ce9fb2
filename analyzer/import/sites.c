/*
 * See sites.h.
 */
#include "import/sites.h"

#include <errno.h>

#define MAP_BYTES 48u /* about what a number in a map costs */

void sites_deinit(struct sites *sites) {
        map_deinit(&sites->sizes);
        map_deinit(&sites->sites);
}

uint32_t *sites_value(struct map *map, struct input *input, uint64_t key) {
        size_t before = map->count;
        uint32_t *value = map_value(map, key, SITES_NONE);

        if (!value)
                input_no_memory(input);
        return value && map->count > before && input_spend(input, MAP_BYTES) < 0 ? NULL : value;
}

int sites_number(struct sites *sites, struct input *input, struct writer *writer, uint32_t stack,
                 uint64_t size_bytes, uint32_t *site) {
        uint32_t *number = sites_value(&sites->sizes, input, size_bytes), *known;

        if (!number)
                return -EINVAL;
        if (*number == SITES_NONE)
                *number = (uint32_t)sites->sizes.count;
        known = sites_value(&sites->sites, input, (uint64_t)stack << 32 | *number);
        if (!known)
                return -EINVAL;
        if (*known == SITES_NONE)
                *known = writer_site(writer, stack, size_bytes, MTR_KIND_MALLOC);
        *site = *known;
        return 0;
}
