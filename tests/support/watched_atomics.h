/*
 * C11 atomics as valgrind's helgrind and drd can follow them, for programs compiled with this file in front
 * (-include). Neither tool knows atomics: on x86 a release store is a plain one. Here each operation tells
 * the tool what its memory order promises and nothing more: a release makes an edge at its address, an
 * acquire takes it, relaxed does neither. The words themselves are excepted, since two threads may touch an
 * atomic at once.
 *
 * Telling and doing are two steps, so an edge may be seen that was not there: a race can be missed by that,
 * none is invented. The thread sanitizer, which knows the orders themselves, is the exact judge.
 */
#ifndef TESTS_WATCHED_ATOMICS_H
#define TESTS_WATCHED_ATOMICS_H

#include <stdatomic.h>
#include <sys/mman.h>

#ifdef WATCHED_BY_DRD
#include <valgrind/drd.h>
#define WATCHED_OPENED(at, bytes) (void)0
#define WATCHED_EXCEPT(at, bytes) ANNOTATE_BENIGN_RACE_SIZED(at, bytes, "an atomic")
#else
#include <valgrind/helgrind.h>
#define WATCHED_OPENED(at, bytes) VALGRIND_HG_CLEAN_MEMORY(at, bytes)
#define WATCHED_EXCEPT(at, bytes) VALGRIND_HG_DISABLE_CHECKING(at, bytes)
#endif

/* Memory that was mapped without access is none of helgrind's for good, unless it is told. */
static inline int watched_mprotect(void *at, size_t bytes, int protection) {
        int result = mprotect(at, bytes, protection);

        if (result == 0 && protection != PROT_NONE)
                WATCHED_OPENED(at, bytes);
        return result;
}
#define mprotect watched_mprotect

static inline int watched_acquires(int order) {
        return order != memory_order_relaxed && order != memory_order_release;
}

static inline int watched_releases(int order) {
        return order == memory_order_release || order == memory_order_acq_rel ||
               order == memory_order_seq_cst;
}

#define WATCHED_BEFORE(at, order)                                                                            \
        do {                                                                                                 \
                WATCHED_EXCEPT(at, sizeof(*(at)));                                                           \
                if (watched_releases(order))                                                                 \
                        ANNOTATE_HAPPENS_BEFORE(at);                                                         \
        } while (0)
#define WATCHED_AFTER(at, order)                                                                             \
        do {                                                                                                 \
                if (watched_acquires(order))                                                                 \
                        ANNOTATE_HAPPENS_AFTER(at);                                                          \
        } while (0)

/* The value of `operation`, between what its order is told before and after. */
#define WATCHED(at, order, operation)                                                                        \
        __extension__({                                                                                      \
                WATCHED_BEFORE(at, order);                                                                   \
                __auto_type watched_result = (operation);                                                    \
                WATCHED_AFTER(at, order);                                                                    \
                watched_result;                                                                              \
        })

/* clang's builtins take no _Atomic. */
#define WATCHED_PLAIN(at) ((__typeof__((void)0, *(at)) *)(at))

/* The builtins that stand behind the macros below must not be redefined under them. */
#define WATCHED_LOAD(at, order)                                                                              \
        __extension__({                                                                                      \
                __typeof__((void)0, *(at)) watched_value;                                                    \
                WATCHED_EXCEPT(at, sizeof(*(at)));                                                           \
                __atomic_load(WATCHED_PLAIN(at), &watched_value, (order));                                   \
                WATCHED_AFTER(at, order);                                                                    \
                watched_value;                                                                               \
        })
#define WATCHED_STORE(at, value, order)                                                                      \
        __extension__({                                                                                      \
                __typeof__((void)0, *(at)) watched_value = (value);                                          \
                WATCHED_BEFORE(at, order);                                                                   \
                __atomic_store(WATCHED_PLAIN(at), &watched_value, (order));                                  \
        })
#define WATCHED_CAS(at, expected, value, weak, order, failed)                                                \
        __extension__({                                                                                      \
                __typeof__((void)0, *(at)) watched_value = (value);                                          \
                WATCHED_BEFORE(at, order);                                                                   \
                _Bool watched_done = __atomic_compare_exchange(WATCHED_PLAIN(at), (expected),                \
                                                               &watched_value, (weak), (order), (failed));   \
                WATCHED_AFTER(at, watched_done ? (order) : (failed));                                        \
                watched_done;                                                                                \
        })

#undef atomic_load_explicit
#undef atomic_store_explicit
#undef atomic_load
#undef atomic_store
#undef atomic_exchange_explicit
#undef atomic_compare_exchange_strong_explicit
#undef atomic_compare_exchange_weak_explicit
#undef atomic_fetch_add_explicit
#undef atomic_fetch_sub_explicit
#undef atomic_fetch_and_explicit
#undef atomic_fetch_or_explicit
#undef atomic_fetch_sub

#define atomic_load_explicit(at, order) WATCHED_LOAD(at, order)
#define atomic_store_explicit(at, value, order) WATCHED_STORE(at, value, order)
#define atomic_load(at) WATCHED_LOAD(at, memory_order_seq_cst)
#define atomic_store(at, value) WATCHED_STORE(at, value, memory_order_seq_cst)
#define atomic_exchange_explicit(at, value, order)                                                           \
        WATCHED(at, order, __atomic_exchange_n(WATCHED_PLAIN(at), value, order))
#define atomic_compare_exchange_strong_explicit(at, expected, value, order, failed)                          \
        WATCHED_CAS(at, expected, value, 0, order, failed)
#define atomic_compare_exchange_weak_explicit(at, expected, value, order, failed)                            \
        WATCHED_CAS(at, expected, value, 1, order, failed)
#define atomic_fetch_add_explicit(at, value, order)                                                          \
        WATCHED(at, order, __atomic_fetch_add(WATCHED_PLAIN(at), value, order))
#define atomic_fetch_sub_explicit(at, value, order)                                                          \
        WATCHED(at, order, __atomic_fetch_sub(WATCHED_PLAIN(at), value, order))
#define atomic_fetch_and_explicit(at, value, order)                                                          \
        WATCHED(at, order, __atomic_fetch_and(WATCHED_PLAIN(at), value, order))
#define atomic_fetch_or_explicit(at, value, order)                                                           \
        WATCHED(at, order, __atomic_fetch_or(WATCHED_PLAIN(at), value, order))
#define atomic_fetch_sub(at, value) atomic_fetch_sub_explicit(at, value, memory_order_seq_cst)
#define __atomic_load_n(at, order) WATCHED_LOAD(at, order)
#define __atomic_store_n(at, value, order) WATCHED_STORE(at, value, order)

#endif
