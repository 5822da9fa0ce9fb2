/*
 * An allocator inside the program, as some have: from one array, and nothing is given back. Row 27.
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
        return moved;
}

int posix_memalign(void **block, size_t alignment, size_t bytes) {
        *block = aligned_alloc(alignment, bytes);
        return *block ? 0 : ENOMEM;
}

void free(void *block) {
        (void)block;
}
