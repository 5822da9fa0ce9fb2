/*
 * An allocator that a signal handler may call at any instruction of itself, and jump out of: with it beside
 * the tracer, a program may allocate in handlers and leave calls half done, which glibc's malloc forbids.
 * Blocks of a power of two come from a list of their own; a call jumped out of leaks its block at worst.
 *
 * call_* make a call that is this library's and not the program's: one that is to be jumped out of, so that
 * it counts for nobody.
 */
#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { CLASS_MIN = 4, CLASS_MAX = 20, REGION_SHIFT = 24 };

static _Alignas(1 << CLASS_MAX) char regions[CLASS_MAX - CLASS_MIN + 1][1 << REGION_SHIFT];

static struct {
        _Atomic uint64_t
                list; /* the first free block's number + 1, and above it how often this was changed */
        _Atomic uint32_t fresh; /* blocks never handed out begin here */
} classes[CLASS_MAX - CLASS_MIN + 1];

static _Atomic uint32_t *next_of(int class, uint32_t number) {
        return (_Atomic uint32_t *)(regions[class] + ((size_t)number << (class + CLASS_MIN)));
}

static void *take(size_t size, size_t alignment) {
        size_t bytes = size > alignment ? size : alignment;
        int class = 0;
        uint64_t list;
        uint32_t number;

        while (class <= CLASS_MAX - CLASS_MIN && (size_t)1 << (class + CLASS_MIN) < bytes)
                class ++;
        if (class > CLASS_MAX - CLASS_MIN) {
                errno = ENOMEM;
                return NULL;
        }
        list = atomic_load(&classes[class].list);
        while ((uint32_t)list != 0) {
                uint32_t next = atomic_load(next_of(class, (uint32_t)list - 1));

                if (atomic_compare_exchange_weak(&classes[class].list, &list,
                                                 ((list >> 32) + 1) << 32 | next))
                        return next_of(class, (uint32_t)list - 1);
        }
        number = atomic_fetch_add(&classes[class].fresh, 1);
        if (number >= 1u << (REGION_SHIFT - CLASS_MIN - class)) {
                errno = ENOMEM;
                return NULL;
        }
        return next_of(class, number);
}

static int class_of(const void *block) {
        return (int)((uintptr_t)((const char *)block - regions[0]) >> REGION_SHIFT);
}

void *malloc(size_t size) {
        return take(size, 1);
}

static void give(void *block) {
        int class = class_of(block);
        uint64_t list;
        uint32_t number;

        if (!block)
                return;
        number = (uint32_t)(((char *)block - regions[class]) >> (class + CLASS_MIN));
        list = atomic_load(&classes[class].list);
        do
                atomic_store(next_of(class, number), (uint32_t)list);
        while (!atomic_compare_exchange_weak(&classes[class].list, &list,
                                             ((list >> 32) + 1) << 32 | (number + 1)));
}

void free(void *block) {
        give(block);
}

void *calloc(size_t count, size_t size) {
        void *block = take(count * size, 1);

        return block ? memset(block, 0, count * size) : NULL;
}

static size_t usable(const void *block) {
        return block ? (size_t)1 << (class_of(block) + CLASS_MIN) : 0;
}

size_t malloc_usable_size(void *block) {
        return usable(block);
}

void *realloc(void *old, size_t size) {
        size_t before = usable(old);
        void *block;

        if (old && size <= before)
                return old;
        block = take(size, 1);
        if (block && old) {
                memcpy(block, old, before);
                give(old);
        }
        return block;
}

void *aligned_alloc(size_t alignment, size_t size) {
        return take(size, alignment);
}

void *memalign(size_t alignment, size_t size) {
        return take(size, alignment);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
        *block = take(size, alignment);
        return *block ? 0 : ENOMEM;
}

void *call_malloc(size_t size);
void *call_calloc(size_t count, size_t size);
void *call_realloc(void *block, size_t size);
void *call_reallocarray(void *block, size_t count, size_t size);
void *call_aligned_alloc(size_t alignment, size_t size);
void call_free(void *block);

static void *volatile result; /* keeps the calls from becoming jumps: whose frame is ours, is ours */

void *call_malloc(size_t size) {
        return result = (malloc)(size);
}

void *call_calloc(size_t count, size_t size) {
        return result = (calloc)(count, size);
}

void *call_realloc(void *block, size_t size) {
        return result = (realloc)(block, size);
}

void *call_reallocarray(void *block, size_t count, size_t size) {
        return result = (reallocarray)(block, count, size);
}

void *call_aligned_alloc(size_t alignment, size_t size) {
        return result = (aligned_alloc)(alignment, size);
}

void call_free(void *block) {
        (free)(block);
        result = NULL;
}
