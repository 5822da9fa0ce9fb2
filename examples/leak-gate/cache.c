/*
 * See cache.h. Built with LEAKING it has the mistake that the gate is there for: the answer of what is
 * evicted is forgotten.
 */
#include "cache.h"

#include <stdlib.h>
#include <string.h>

const char *cache_find(const struct cache *cache, const char *address) {
        for (size_t i = 0; i < CACHE_ROOM; i++)
                if (cache->entries[i].address && strcmp(cache->entries[i].address, address) == 0)
                        return cache->entries[i].answer;
        return NULL;
}

void cache_add(struct cache *cache, const char *address, const char *answer) {
        size_t oldest = cache->next++ % CACHE_ROOM;

        free(cache->entries[oldest].address);
#ifndef LEAKING
        free(cache->entries[oldest].answer);
#endif
        cache->entries[oldest].address = strdup(address);
        cache->entries[oldest].answer = strdup(answer);
}

void cache_clear(struct cache *cache) {
        for (size_t i = 0; i < CACHE_ROOM; i++) {
                free(cache->entries[i].address);
                free(cache->entries[i].answer);
        }
        *cache = (struct cache){ 0 };
}
