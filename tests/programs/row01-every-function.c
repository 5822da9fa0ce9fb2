/*
 * Row 1: every function that allocates or frees, each with a size of its own, so that a call
 * missed or counted under another's name shows.
 */
#include <dlfcn.h>
#include <malloc.h>

#include "harness.h"

/* Left in libc for programs linked long ago, which is what the version says. */
extern void old_cfree(void *block);
__asm__(".symver old_cfree, cfree@GLIBC_2.2.5");

/* C23; Debian 12's libc does not have them, then free serves. */
extern void free_sized(void *block, size_t bytes) __attribute__((weak));
extern void free_aligned_sized(void *block, size_t alignment, size_t bytes) __attribute__((weak));

static void sized(void *block, size_t bytes) {
        h_gave(block, bytes);
        if (free_sized)
                free_sized(block, bytes);
        else
                free(block);
}

static void aligned_sized(void *block, size_t alignment, size_t bytes) {
        h_gave(block, bytes);
        if (free_aligned_sized)
                free_aligned_sized(block, alignment, bytes);
        else
                free(block);
}

int main(void) {
        void *a = h_malloc(101);
        void *b = h_calloc(7, 29);
        void *c = h_realloc(NULL, 0, 307);
        c = h_realloc(c, 307, 401);
        void *d = reallocarray(NULL, 11, 47);
        h_took(H_REALLOCARRAY, d, 11 * 47);
        void *d2 = reallocarray(d, 13, 53);
        h_moved(H_REALLOCARRAY, d, 11 * 47, d2, 13 * 53);
        void *e = aligned_alloc(64, 640);
        h_took(H_ALIGNED_ALLOC, e, 640);
        void *f = memalign(128, 701);
        h_took(H_MEMALIGN, f, 701);
        void *g = NULL;
        if (posix_memalign(&g, 256, 809) == 0)
                h_took(H_POSIX_MEMALIGN, g, 809);
        void *h = valloc(907);
        h_took(H_VALLOC, h, 907);
        void *i = pvalloc(1009);
        h_took(H_PVALLOC, i, 1009);

        h_say("usable at least what was asked %d %d %d\n", malloc_usable_size(a) >= 101,
              malloc_usable_size(h) >= 907, malloc_usable_size(NULL) == 0);
        h_say("aligned %d %d %d %d %d\n", (uintptr_t)e % 64 == 0, (uintptr_t)f % 128 == 0,
              (uintptr_t)g % 256 == 0, (uintptr_t)h % 4096 == 0, (uintptr_t)i % 4096 == 0);

        h_free(a, 101);
        h_gave(b, 7 * 29);
        old_cfree(b);
        sized(c, 401);
        h_free(d2, 13 * 53);
        aligned_sized(e, 64, 640);
        h_free(f, 701);
        h_free(g, 809);
        h_free(h, 907);
        free(NULL);
        /* the block of pvalloc stays: the end has something live */
        h_report(H_ONE_THREAD, "exited", 0);
        return 0;
}
