/*
 * Heaps of a program's own, reported as domains: a pool of equal slots, and the code cache of a small
 * compiler.
 *
 *   memtrace run -o pool.mtr -- build/examples/pool
 *   memtrace report --by domain pool.mtr
 *   memtrace report --domain 'jit code' pool.mtr
 *
 * To malloc, the pool is a few slabs and the code nothing at all. Reported, each has its own peak and leaks:
 * an order is forgotten now and then, and the code of rules that were replaced is never given back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <memtrace/memtrace.h>

/* A pool: slabs from malloc, cut into slots. */

enum { SLOTS_PER_SLAB = 256 };

struct slot {
        struct slot *next;
};

struct pool {
        unsigned domain;
        size_t slot_bytes;
        struct slot *unused;
};

static struct pool pool_of(const char *name, size_t slot_bytes) {
        return (struct pool){ .domain = memtrace_domain(name), .slot_bytes = slot_bytes };
}

static void pool_grow(struct pool *pool) {
        char *slab = malloc(SLOTS_PER_SLAB * pool->slot_bytes);

        for (size_t i = 0; slab && i < SLOTS_PER_SLAB; i++) {
                struct slot *slot = (struct slot *)(slab + i * pool->slot_bytes);

                slot->next = pool->unused;
                pool->unused = slot;
        }
}

static void *pool_take(struct pool *pool) {
        struct slot *slot;

        if (!pool->unused)
                pool_grow(pool);
        slot = pool->unused;
        if (!slot)
                abort();
        pool->unused = slot->next;
        memtrace_report_alloc(pool->domain, slot, pool->slot_bytes);
        return slot;
}

static void pool_give(struct pool *pool, void *block) {
        struct slot *slot = block;

        memtrace_report_free(pool->domain, block);
        slot->next = pool->unused;
        pool->unused = slot;
}

/* A compiler of one kind of function, x * factor + offset, and its cache: pages that malloc never sees. */

typedef int rule(int);

struct code_cache {
        unsigned domain;
        unsigned char *memory;
        size_t used, size;
};

static struct code_cache code_cache_of(size_t size) {
        void *memory =
                mmap(NULL, size, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (memory == MAP_FAILED)
                abort();
        return (struct code_cache){ .domain = memtrace_domain("jit code"), .memory = memory, .size = size };
}

static rule *compile(struct code_cache *cache, int factor, int offset) {
        /* imul eax, edi, factor; add eax, offset; ret */
        unsigned char code[] = { 0x69, 0xc7, 0, 0, 0, 0, 0x05, 0, 0, 0, 0, 0xc3 };
        unsigned char *at = cache->memory + cache->used;
        rule *compiled;

        if (cache->size - cache->used < 16)
                abort();
        memcpy(code + 2, &factor, 4);
        memcpy(code + 7, &offset, 4);
        memcpy(at, code, sizeof code);
        cache->used += 16;
        memtrace_report_alloc(cache->domain, at, sizeof code);
        memcpy(&compiled, &at, sizeof compiled);
        return compiled;
}

/* All code at once, as a cache is emptied that is full. */
static void code_cache_clear(struct code_cache *cache) {
        memtrace_report_clear(cache->domain);
        cache->used = 0;
}

struct order {
        struct order *next;
        int number, price;
};

int main(void) {
        struct pool orders = pool_of("orders", sizeof(struct order));
        struct code_cache cache = code_cache_of(16 * 1024);
        struct order *open = NULL;
        long total = 0;

        for (int day = 0; day < 8; day++) {
                rule *price = NULL;

                if (day == 4)
                        code_cache_clear(&cache);
                for (int i = 0; i < 1000; i++) {
                        struct order *order = pool_take(&orders);

                        if (i % 100 == 0)
                                price = compile(&cache, day + 2, i);
                        *order = (struct order){ .next = open, .number = i, .price = price(i) };
                        open = order;
                }
                while (open) {
                        struct order *done = open;

                        open = done->next;
                        total += done->price;
                        if (done->number % 250 != 0) /* every 250th is forgotten */
                                pool_give(&orders, done);
                }
        }
        printf("%ld\n", total);
        return 0;
}
