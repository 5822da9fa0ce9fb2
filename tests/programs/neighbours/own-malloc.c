/*
 * An allocator inside the program, as some have: from one array, and nothing is given back. Row 27; and with
 * OWN_MALLOC_REPORTS one that tells memtrace of its blocks, as long as it is asked to, and counts what it
 * told.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ARENA_BYTES ((size_t)256 << 20)

void *malloc(size_t bytes);
void *calloc(size_t count, size_t bytes);
void *realloc(void *block, size_t bytes);
void *aligned_alloc(size_t alignment, size_t bytes);
int posix_memalign(void **block, size_t alignment, size_t bytes);
void free(void *block);
size_t malloc_usable_size(void *block);

static char arena[ARENA_BYTES];
static size_t used;

#ifdef OWN_MALLOC_REPORTS
#include <stdbool.h>

#include <memtrace/memtrace.h>

void own_malloc_report(bool on);
uint64_t own_malloc_told(uint64_t *frees, uint64_t *bytes, int64_t *live_bytes);

static bool reporting;
static const char *first; /* what was given before was not told */
static uint64_t told_allocations, told_frees, told_bytes;
static int64_t told_live_bytes;

void own_malloc_report(bool on) {
        reporting = on;
        if (on)
                first = arena + __atomic_load_n(&used, __ATOMIC_RELAXED);
}

uint64_t own_malloc_told(uint64_t *frees, uint64_t *bytes, int64_t *live_bytes) {
        *frees = told_frees;
        *bytes = told_bytes;
        *live_bytes = told_live_bytes;
        return told_allocations;
}

static void tell_given(const void *block, size_t bytes) {
        if (!reporting)
                return;
        memtrace_report_alloc(memtrace_domain("own malloc"), block, bytes);
        __atomic_fetch_add(&told_allocations, 1, __ATOMIC_RELAXED);
        __atomic_fetch_add(&told_bytes, bytes, __ATOMIC_RELAXED);
        __atomic_fetch_add(&told_live_bytes, bytes, __ATOMIC_RELAXED);
}

static void tell_back(const void *block) {
        if (!reporting || !block || (const char *)block < first)
                return;
        memtrace_report_free(memtrace_domain("own malloc"), block);
        __atomic_fetch_add(&told_frees, 1, __ATOMIC_RELAXED);
        __atomic_fetch_sub(&told_live_bytes, malloc_usable_size((void *)block), __ATOMIC_RELAXED);
}
#else
static void tell_given(const void *block, size_t bytes) {
        (void)block;
        (void)bytes;
}

static void tell_back(const void *block) {
        (void)block;
}
#endif

void *aligned_alloc(size_t alignment, size_t bytes) {
        size_t room = bytes + alignment + sizeof(size_t);
        size_t at = __atomic_fetch_add(&used, room, __ATOMIC_RELAXED);
        char *block;

        if (at + room > ARENA_BYTES) {
                errno = ENOMEM;
                return NULL;
        }
        block = (char *)(((uintptr_t)arena + at + sizeof(size_t) + alignment - 1) & -alignment);
        memcpy(block - sizeof(size_t), &bytes, sizeof bytes);
        tell_given(block, bytes);
        return block;
}

size_t malloc_usable_size(void *block) {
        size_t bytes = 0;

        if (block)
                memcpy(&bytes, (char *)block - sizeof bytes, sizeof bytes);
        return bytes;
}

void *malloc(size_t bytes) {
        return aligned_alloc(16, bytes);
}

void *calloc(size_t count, size_t bytes) {
        return malloc(count * bytes);
}

void *realloc(void *block, size_t bytes) {
        void *moved = malloc(bytes);
        size_t kept = malloc_usable_size(block);

        if (moved && block)
                memcpy(moved, block, kept < bytes ? kept : bytes);
        if (moved)
                tell_back(block);
        return moved;
}

int posix_memalign(void **block, size_t alignment, size_t bytes) {
        *block = aligned_alloc(alignment, bytes);
        return *block ? 0 : ENOMEM;
}

void free(void *block) {
        tell_back(block);
}
