/*
 * Preloaded beside the tracer: another interposer, of the plain kind, which asks dlsym for the next
 * function at its first call. Before or after ours, each call is still one call. Row 8.
 */
#include <dlfcn.h>
#include <stdlib.h>

void *malloc(size_t bytes) {
        static void *(*next)(size_t);
        if (!next)
                next = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
        return next(bytes);
}

void free(void *block) {
        static void (*next)(void *);
        if (!next)
                next = (void (*)(void *))dlsym(RTLD_NEXT, "free");
        next(block);
}

void *realloc(void *block, size_t bytes) {
        static void *(*next)(void *, size_t);
        if (!next)
                next = (void *(*)(void *, size_t))dlsym(RTLD_NEXT, "realloc");
        return next(block, bytes);
}
