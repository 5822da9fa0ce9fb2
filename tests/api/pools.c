/*
 * A program that tells valgrind of its pools, and by one more #include memtrace: compiled by matrix.py as C
 * and as C++, and run by tests/programs/domains.py, which holds the trace against what is printed, and under
 * valgrind, which has to see what it saw before. Without arguments it prints whether it is traced.
 */
#include <stdio.h>
#include <string.h>

#if defined(WITH_VALGRIND) && __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#endif

/* What a program has where there is no valgrind: replaced. */
#ifndef VALGRIND_MEMPOOL_ALLOC
#define VALGRIND_MEMPOOL_ALLOC(pool, addr, size)
#define VALGRIND_MEMPOOL_FREE(pool, addr)
#endif

#include <memtrace/pools.h>

enum { POOLS = 70, BLOCKS = 10 };

static char memory[POOLS + 1][BLOCKS * 16];
static int evaluated;

static void *once(void *pointer) {
        evaluated++;
        return pointer;
}

static void fill(char *pool, int blocks) {
        for (int i = 0; i < blocks; i++)
                VALGRIND_MEMPOOL_ALLOC(pool, pool + i * 16, 8);
}

static void one_after_another(void) {
        VALGRIND_CREATE_MEMPOOL(once(memory[0]), 0, 0);
        fill(memory[0], 10);
        VALGRIND_MEMPOOL_FREE(once(memory[0]), once(memory[0]));
        VALGRIND_MEMPOOL_CHANGE(memory[0], memory[0] + 16, memory[0], 12);
        VALGRIND_MOVE_MEMPOOL(memory[0], memory[1]);
        VALGRIND_MEMPOOL_FREE(memory[1], memory[0] + 32);
        VALGRIND_DESTROY_MEMPOOL(memory[1]);
        VALGRIND_CREATE_MEMPOOL_EXT(memory[2], 0, 0, 0);
        fill(memory[2], 3);
}

/* More than there are domains for, of which the first is taken. */
static void side_by_side(void) {
        for (int i = 3; i < POOLS; i++) {
                VALGRIND_CREATE_MEMPOOL(memory[i], 0, 0);
                fill(memory[i], 1);
        }
        for (int i = 3; i < POOLS; i++)
                VALGRIND_DESTROY_MEMPOOL(memory[i]);
}

static void malloc_like(void) {
        char *blocks = memory[POOLS];

        VALGRIND_MALLOCLIKE_BLOCK(once(blocks), 16, 0, 0);
        VALGRIND_MALLOCLIKE_BLOCK(blocks + 32, 16, 0, 0);
        VALGRIND_RESIZEINPLACE_BLOCK(once(blocks), 16, 8, 0);
        VALGRIND_FREELIKE_BLOCK(blocks + 32, 0);
}

/* Reads what was given back, which valgrind must see. */
static int misuse(void) {
        char *const pool = memory[0];
        const volatile char *const first = pool;
        int read;

        VALGRIND_CREATE_MEMPOOL(pool, 0, 1);
        VALGRIND_MEMPOOL_ALLOC(pool, pool, 64);
        memset(pool, 1, 64);
        VALGRIND_MEMPOOL_FREE(pool, pool);
#ifdef VALGRIND_MAKE_MEM_NOACCESS
        VALGRIND_MAKE_MEM_NOACCESS(pool, 64);
#endif
        read = *first == 1 ? 0 : 2;
        VALGRIND_DESTROY_MEMPOOL(pool);
        return read;
}

int main(int argc, char **argv) {
        (void)argv;
        if (argc > 2)
                return misuse();
        one_after_another();
        side_by_side();
        malloc_like();
        if (evaluated != 5)
                return 1;
        if (argc == 1) {
                printf("tracing %d\n", memtrace_is_tracing());
                return 0;
        }
        /* TRACED allocations frees bytes live_bytes live_blocks foreign twice */
        puts("domain mempool 1 1 14 11 116 24 3 0 0");
        for (int i = 2; i <= 64; i++)
                printf("domain mempool %d 1 1 1 8 0 0 0 0\n", i);
        puts("domain mempool 1 4 0 32 32 4 0 0");
        puts("domain malloc-like 1 3 2 40 8 1 0 0");
        return 0;
}
