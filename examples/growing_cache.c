/*
 * A cache that only ever grows: every answer is kept, although most are asked for once.
 *
 *   memtrace run -o cache.mtr -- build/examples/growing_cache
 *   memtrace report cache.mtr
 *
 * The report's first lines are the two allocations of cache_add: what is held at the peak. The index,
 * which doubles now and then, is a distant third.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
        unsigned key;
        char *answer;
};

struct cache {
        struct entry **entries;
        size_t used, room;
};

static void *must(void *block) {
        if (!block) {
                fputs("growing_cache: out of memory\n", stderr);
                exit(1);
        }
        return block;
}

static const char *cache_add(struct cache *cache, unsigned key, const char *answer) {
        if (cache->used == cache->room) {
                cache->room = cache->room ? cache->room * 2 : 16;
                cache->entries = must(realloc(cache->entries, cache->room * sizeof *cache->entries));
        }
        struct entry *entry = must(malloc(sizeof *entry));
        entry->key = key;
        entry->answer = must(malloc(strlen(answer) + 1));
        strcpy(entry->answer, answer);
        cache->entries[cache->used++] = entry;
        return entry->answer;
}

static const char *cache_find(const struct cache *cache, unsigned key) {
        for (size_t i = cache->used; i > 0 && i + 100 > cache->used; i--)
                if (cache->entries[i - 1]->key == key)
                        return cache->entries[i - 1]->answer;
        return NULL;
}

static const char *ask(struct cache *cache, unsigned key) {
        const char *known = cache_find(cache, key);
        if (known)
                return known;
        char answer[400];
        int length = snprintf(answer, sizeof answer, "the answer to question %u is ", key);
        for (unsigned i = 0; i < key % 300; i++)
                answer[length++] = (char)('a' + i % 26);
        answer[length] = '\0';
        return cache_add(cache, key, answer);
}

int main(void) {
        struct cache cache = { 0 };
        size_t letters = 0;

        for (unsigned i = 0; i < 50000; i++)
                letters += strlen(ask(&cache, i % 7 ? i : i / 2));
        printf("%zu letters of answers, %zu of them kept\n", letters, cache.used);

        for (size_t i = 0; i < cache.used; i++) {
                free(cache.entries[i]->answer);
                free(cache.entries[i]);
        }
        free(cache.entries);
        return 0;
}
