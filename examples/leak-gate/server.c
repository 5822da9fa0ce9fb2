/*
 * A server, as far as a cache needs one: it answers so many requests, most of them for pages that it has not
 * in its cache.
 *
 *   server REQUESTS
 */
#include "cache.h"

#include <stdio.h>
#include <stdlib.h>

#define PAGES 1000

/* The same requests in every run. */
static unsigned next_page(void) {
        static unsigned state = 1;

        state = state * 1664525 + 1013904223;
        return (state >> 8) % PAGES;
}

static void render(unsigned page, char *answer, size_t room) {
        int length = snprintf(answer, room, "Page %u:", page);

        for (unsigned i = 0; i < 100; i++)
                length += snprintf(answer + length, room - (size_t)length, " %u", i * page % 997);
}

int main(int argc, char **argv) {
        unsigned long requests = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000, found = 0;
        struct cache cache = { 0 };

        for (unsigned long i = 0; i < requests; i++) {
                unsigned page = next_page();
                char address[32], answer[512];

                snprintf(address, sizeof address, "/page/%u", page);
                if (cache_find(&cache, address)) {
                        found++;
                        continue;
                }
                render(page, answer, sizeof answer);
                cache_add(&cache, address, answer);
        }
        cache_clear(&cache);
        printf("%lu requests, %lu of them from the cache\n", requests, found);
        return 0;
}
