/*
 * Pools that are told to valgrind already, told to memtrace as well: installed, for programs that are traced.
 *
 *   #include <valgrind/memcheck.h>   (or whatever the program has in its place)
 *   #include <memtrace/pools.h>
 *
 * From here on valgrind's requests for pools and allocators report to memtrace too, and nothing else has to
 * change. What valgrind is told is the same as before. Where the program has replaced the requests by macros
 * of its own, because there is no valgrind, memtrace alone is told; and so with NVALGRIND.
 *
 * - CREATE_MEMPOOL and its _EXT begin a domain for the pool, "mempool 1" and so on, which is another pool's
 * when this one is destroyed. Pools beyond 64 at a time, and those created out of sight, share "mempool".
 * - MEMPOOL_ALLOC, _FREE and _CHANGE are a block that is given, given back, and resized or moved.
 * - MOVE_MEMPOOL gives the pool another handle.
 * - DESTROY_MEMPOOL ends all its blocks; but not those in the shared domain, which stay live.
 * - MALLOCLIKE_BLOCK, FREELIKE_BLOCK and RESIZEINPLACE_BLOCK are of the domain "malloc-like".
 * - MEMPOOL_TRIM is told to valgrind alone.
 *
 * The reports are made where the requests stand in the program; memtrace.h says when that is exact. Other
 * names for the domains can be defined before the #include, the same in all sources: MEMTRACE_POOLS_NAME and
 * MEMTRACE_MALLOCLIKE_NAME.
 *
 * Must not: tell valgrind anything of its own.
 */
#ifndef MEMTRACE_POOLS_H
#define MEMTRACE_POOLS_H

#include <stdint.h>

#include <memtrace/memtrace.h>

#if !defined(NVALGRIND) && !defined(VALGRIND_MEMPOOL_ALLOC) && defined(__has_include)
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#endif
#endif

#ifndef MEMTRACE_POOLS_NAME
#define MEMTRACE_POOLS_NAME "mempool"
#endif
#ifndef MEMTRACE_MALLOCLIKE_NAME
#define MEMTRACE_MALLOCLIKE_NAME "malloc-like"
#endif

/* Not for use by programs, as all that ends in an underscore. */
#define MEMTRACE_POOLS_MAX_ 64u

typedef const void *memtrace_address_;
#ifdef __cplusplus
#define MEMTRACE_CAST_(type, value) type(value)
#else
#define MEMTRACE_CAST_(type, value) ((type)(value))
#endif

#if defined(VALGRIND_DO_CLIENT_REQUEST_STMT) && !defined(NVALGRIND)
#define MEMTRACE_VALGRIND_(request, a, b, c, d) VALGRIND_DO_CLIENT_REQUEST_STMT(request, a, b, c, d, 0)
#else
#define MEMTRACE_VALGRIND_(request, a, b, c, d) ((void)(a), (void)(b), (void)(c), (void)(d))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The pools there are: one table for all sources of a program or library, because it is weak. A handle is
 * claimed by whoever puts it there; 0: none. */
struct memtrace_pools_ {
        uintptr_t handle[MEMTRACE_POOLS_MAX_];
        unsigned domain[MEMTRACE_POOLS_MAX_];
};
extern struct memtrace_pools_ memtrace_pools_;
__attribute__((weak, visibility("hidden"))) struct memtrace_pools_ memtrace_pools_;

/* The place of a pool, MEMTRACE_POOLS_MAX_: none. */
MEMTRACE_INLINE_ unsigned memtrace_pool_place_(uintptr_t handle) {
        unsigned place = handle ? 0 : MEMTRACE_POOLS_MAX_;

        while (place < MEMTRACE_POOLS_MAX_ &&
               __atomic_load_n(&memtrace_pools_.handle[place], __ATOMIC_RELAXED) != handle)
                place++;
        return place;
}

MEMTRACE_INLINE_ unsigned memtrace_pool_domain_(uintptr_t handle) {
        const unsigned shared = memtrace_domain(MEMTRACE_POOLS_NAME);
        unsigned place = shared ? memtrace_pool_place_(handle) : MEMTRACE_POOLS_MAX_;

        return place < MEMTRACE_POOLS_MAX_ ? memtrace_pools_.domain[place] : shared;
}

MEMTRACE_INLINE_ void memtrace_pool_create_(uintptr_t handle) {
        char name[sizeof(MEMTRACE_POOLS_NAME) + 3] = MEMTRACE_POOLS_NAME;
        char *end = name + sizeof(MEMTRACE_POOLS_NAME) - 1;

        if (memtrace_domain(MEMTRACE_POOLS_NAME) == 0 || !handle)
                return;
        for (unsigned place = 0; place < MEMTRACE_POOLS_MAX_; place++) {
                const unsigned number = place + 1;
                uintptr_t none = 0;

                if (!__atomic_compare_exchange_n(&memtrace_pools_.handle[place], &none, handle, 0,
                                                 __ATOMIC_RELAXED, __ATOMIC_RELAXED))
                        continue;
                *end++ = ' ';
                if (number >= 10)
                        *end++ = MEMTRACE_CAST_(char, '0' + number / 10);
                *end++ = MEMTRACE_CAST_(char, '0' + number % 10);
                *end = '\0';
                memtrace_pools_.domain[place] = memtrace_domain(name);
                return;
        }
}

MEMTRACE_INLINE_ void memtrace_pool_destroy_(uintptr_t handle) {
        unsigned place = memtrace_pool_place_(handle);

        if (place == MEMTRACE_POOLS_MAX_)
                return;
        memtrace_report_clear(memtrace_pools_.domain[place]);
        __atomic_store_n(&memtrace_pools_.handle[place], 0, __ATOMIC_RELEASE);
}

MEMTRACE_INLINE_ void memtrace_pool_move_(uintptr_t handle, uintptr_t to) {
        unsigned place = memtrace_pool_place_(handle);

        if (place < MEMTRACE_POOLS_MAX_)
                __atomic_store_n(&memtrace_pools_.handle[place], to, __ATOMIC_RELAXED);
}

#ifdef __cplusplus
}
#endif

#undef VALGRIND_CREATE_MEMPOOL
#undef VALGRIND_CREATE_MEMPOOL_EXT
#undef VALGRIND_DESTROY_MEMPOOL
#undef VALGRIND_MEMPOOL_ALLOC
#undef VALGRIND_MEMPOOL_FREE
#undef VALGRIND_MEMPOOL_CHANGE
#undef VALGRIND_MOVE_MEMPOOL
#undef VALGRIND_MALLOCLIKE_BLOCK
#undef VALGRIND_FREELIKE_BLOCK
#undef VALGRIND_RESIZEINPLACE_BLOCK

/* Each argument is evaluated once. */
#define VALGRIND_CREATE_MEMPOOL(pool, rzB, is_zeroed) VALGRIND_CREATE_MEMPOOL_EXT(pool, rzB, is_zeroed, 0)

#define VALGRIND_CREATE_MEMPOOL_EXT(pool, rzB, is_zeroed, flags)                                             \
        do {                                                                                                 \
                const uintptr_t memtrace_pool_ = MEMTRACE_CAST_(uintptr_t, pool);                            \
                                                                                                             \
                MEMTRACE_VALGRIND_(VG_USERREQ__CREATE_MEMPOOL, memtrace_pool_, rzB, is_zeroed, flags);       \
                memtrace_pool_create_(memtrace_pool_);                                                       \
        } while (0)

#define VALGRIND_DESTROY_MEMPOOL(pool)                                                                       \
        do {                                                                                                 \
                const uintptr_t memtrace_pool_ = MEMTRACE_CAST_(uintptr_t, pool);                            \
                                                                                                             \
                memtrace_pool_destroy_(memtrace_pool_);                                                      \
                MEMTRACE_VALGRIND_(VG_USERREQ__DESTROY_MEMPOOL, memtrace_pool_, 0, 0, 0);                    \
        } while (0)

#define VALGRIND_MOVE_MEMPOOL(poolA, poolB)                                                                  \
        do {                                                                                                 \
                const uintptr_t memtrace_pool_ = MEMTRACE_CAST_(uintptr_t, poolA),                           \
                                memtrace_to_ = MEMTRACE_CAST_(uintptr_t, poolB);                             \
                                                                                                             \
                memtrace_pool_move_(memtrace_pool_, memtrace_to_);                                           \
                MEMTRACE_VALGRIND_(VG_USERREQ__MOVE_MEMPOOL, memtrace_pool_, memtrace_to_, 0, 0);            \
        } while (0)

#define VALGRIND_MEMPOOL_ALLOC(pool, addr, size)                                                             \
        do {                                                                                                 \
                const uintptr_t memtrace_pool_ = MEMTRACE_CAST_(uintptr_t, pool),                            \
                                memtrace_block_ = MEMTRACE_CAST_(uintptr_t, addr);                           \
                const size_t memtrace_size_ = MEMTRACE_CAST_(size_t, size);                                  \
                                                                                                             \
                MEMTRACE_VALGRIND_(VG_USERREQ__MEMPOOL_ALLOC, memtrace_pool_, memtrace_block_,               \
                                   memtrace_size_, 0);                                                       \
                memtrace_report_alloc(memtrace_pool_domain_(memtrace_pool_),                                 \
                                      MEMTRACE_CAST_(memtrace_address_, memtrace_block_), memtrace_size_);   \
        } while (0)

#define VALGRIND_MEMPOOL_FREE(pool, addr)                                                                    \
        do {                                                                                                 \
                const uintptr_t memtrace_pool_ = MEMTRACE_CAST_(uintptr_t, pool),                            \
                                memtrace_block_ = MEMTRACE_CAST_(uintptr_t, addr);                           \
                                                                                                             \
                memtrace_report_free(memtrace_pool_domain_(memtrace_pool_),                                  \
                                     MEMTRACE_CAST_(memtrace_address_, memtrace_block_));                    \
                MEMTRACE_VALGRIND_(VG_USERREQ__MEMPOOL_FREE, memtrace_pool_, memtrace_block_, 0, 0);         \
        } while (0)

#define VALGRIND_MEMPOOL_CHANGE(pool, addrA, addrB, size)                                                    \
        do {                                                                                                 \
                const uintptr_t memtrace_pool_ = MEMTRACE_CAST_(uintptr_t, pool),                            \
                                memtrace_old_ = MEMTRACE_CAST_(uintptr_t, addrA),                            \
                                memtrace_block_ = MEMTRACE_CAST_(uintptr_t, addrB);                          \
                const size_t memtrace_size_ = MEMTRACE_CAST_(size_t, size);                                  \
                                                                                                             \
                MEMTRACE_VALGRIND_(VG_USERREQ__MEMPOOL_CHANGE, memtrace_pool_, memtrace_old_,                \
                                   memtrace_block_, memtrace_size_);                                         \
                memtrace_report_realloc(memtrace_pool_domain_(memtrace_pool_),                               \
                                        MEMTRACE_CAST_(memtrace_address_, memtrace_old_),                    \
                                        MEMTRACE_CAST_(memtrace_address_, memtrace_block_), memtrace_size_); \
        } while (0)

#define VALGRIND_MALLOCLIKE_BLOCK(addr, sizeB, rzB, is_zeroed)                                               \
        do {                                                                                                 \
                const uintptr_t memtrace_block_ = MEMTRACE_CAST_(uintptr_t, addr);                           \
                const size_t memtrace_size_ = MEMTRACE_CAST_(size_t, sizeB);                                 \
                                                                                                             \
                MEMTRACE_VALGRIND_(VG_USERREQ__MALLOCLIKE_BLOCK, memtrace_block_, memtrace_size_, rzB,       \
                                   is_zeroed);                                                               \
                memtrace_report_alloc(memtrace_domain(MEMTRACE_MALLOCLIKE_NAME),                             \
                                      MEMTRACE_CAST_(memtrace_address_, memtrace_block_), memtrace_size_);   \
        } while (0)

#define VALGRIND_FREELIKE_BLOCK(addr, rzB)                                                                   \
        do {                                                                                                 \
                const uintptr_t memtrace_block_ = MEMTRACE_CAST_(uintptr_t, addr);                           \
                                                                                                             \
                memtrace_report_free(memtrace_domain(MEMTRACE_MALLOCLIKE_NAME),                              \
                                     MEMTRACE_CAST_(memtrace_address_, memtrace_block_));                    \
                MEMTRACE_VALGRIND_(VG_USERREQ__FREELIKE_BLOCK, memtrace_block_, rzB, 0, 0);                  \
        } while (0)

#define VALGRIND_RESIZEINPLACE_BLOCK(addr, oldSizeB, newSizeB, rzB)                                          \
        do {                                                                                                 \
                const uintptr_t memtrace_block_ = MEMTRACE_CAST_(uintptr_t, addr);                           \
                const size_t memtrace_size_ = MEMTRACE_CAST_(size_t, newSizeB);                              \
                                                                                                             \
                MEMTRACE_VALGRIND_(VG_USERREQ__RESIZEINPLACE_BLOCK, memtrace_block_, oldSizeB,               \
                                   memtrace_size_, rzB);                                                     \
                memtrace_report_realloc(memtrace_domain(MEMTRACE_MALLOCLIKE_NAME),                           \
                                        MEMTRACE_CAST_(memtrace_address_, memtrace_block_),                  \
                                        MEMTRACE_CAST_(memtrace_address_, memtrace_block_), memtrace_size_); \
        } while (0)

#endif
