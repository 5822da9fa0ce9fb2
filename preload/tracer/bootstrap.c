/*
 * The bootstrap arena: see bootstrap.h. A bump pointer; each block has its size before it.
 */
#include "tracer/bootstrap.h"

#include <errno.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <string.h>

alignas(4096) uint8_t bootstrap_arena[BOOTSTRAP_BYTES];

static _Atomic size_t used;

void *bootstrap_alloc(size_t alignment, size_t size) {
        size_t at = atomic_load_explicit(&used, memory_order_relaxed), begin;

        if (alignment < 16)
                alignment = 16;
        do {
                begin = (at + sizeof(size_t) + alignment - 1) & ~(alignment - 1);
                if (alignment > BOOTSTRAP_BYTES || size > BOOTSTRAP_BYTES || begin + size > BOOTSTRAP_BYTES) {
                        errno = ENOMEM;
                        return NULL;
                }
        } while (!atomic_compare_exchange_weak_explicit(&used, &at, begin + size, memory_order_relaxed,
                                                        memory_order_relaxed));
        memcpy(bootstrap_arena + begin - sizeof(size_t), &size, sizeof(size_t));
        return bootstrap_arena + begin;
}

size_t bootstrap_size(const void *block) {
        size_t size;

        memcpy(&size, (const uint8_t *)block - sizeof(size_t), sizeof(size_t));
        return size;
}
