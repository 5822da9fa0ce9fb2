/*
 * Answers by their address, the last CACHE_ROOM of them.
 */
#ifndef CACHE_H
#define CACHE_H

#include <stddef.h>

#define CACHE_ROOM 64

struct cache {
        struct {
                char *address, *answer;
        } entries[CACHE_ROOM];
        size_t next; /* the oldest, which goes first */
};

/* NULL: not there. */
const char *cache_find(const struct cache *cache, const char *address);

void cache_add(struct cache *cache, const char *address, const char *answer);

void cache_clear(struct cache *cache);

#endif
