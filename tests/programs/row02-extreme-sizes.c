/*
 * Row 2: sizes 0 and 1, and those that no allocator can serve. Arguments go on unchanged, so the
 * answers and errno are the untraced ones, and a call that returned no block is no allocation.
 */
#include <malloc.h>

#include "harness.h"

static void tell(const char *what, size_t bytes, const void *block) {
        h_say("%s %zx: %s errno %d\n", what, bytes, block ? "block" : "null", errno);
        errno = 0;
}

int main(void) {
        static const size_t sizes[] = {
                0, 1, (size_t)PTRDIFF_MAX - 1, PTRDIFF_MAX, (size_t)PTRDIFF_MAX + 1, SIZE_MAX - 1, SIZE_MAX
        };
        errno = 0;
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
                volatile size_t bytes = sizes[i];
                void *block = h_malloc(bytes);
                tell("malloc", bytes, block);
                h_free(block, bytes);
                block = h_calloc(1, bytes);
                tell("calloc", bytes, block);
                h_free(block, bytes);
                block = h_realloc(NULL, 0, bytes);
                tell("realloc", bytes, block);
                h_free(block, bytes);
                block = memalign(64, bytes);
                h_took(H_MEMALIGN, block, bytes);
                tell("memalign", bytes, block);
                h_free(block, bytes);
                block = aligned_alloc(64, bytes);
                h_took(H_ALIGNED_ALLOC, block, bytes);
                tell("aligned_alloc", bytes, block);
                h_free(block, bytes);
                block = valloc(bytes);
                h_took(H_VALLOC, block, bytes);
                tell("valloc", bytes, block);
                h_free(block, bytes);
                block = pvalloc(bytes);
                h_took(H_PVALLOC, block, bytes);
                tell("pvalloc", bytes, block);
                h_free(block, bytes);
                block = calloc(bytes, 1);
                h_took(H_CALLOC, block, bytes);
                tell("calloc the other way", bytes, block);
                h_free(block, bytes);
                block = reallocarray(NULL, bytes, 1);
                h_took(H_REALLOCARRAY, block, bytes);
                tell("reallocarray", bytes, block);
                h_free(block, bytes);
                block = NULL;
                if (posix_memalign(&block, 64, bytes) == 0)
                        h_took(H_POSIX_MEMALIGN, block, bytes);
                tell("posix_memalign", bytes, block);
                h_free(block, bytes);
        }

        /* alignments that are none, and that none can have */
        static const size_t alignments[] = { 0, 1, 3, 48, (size_t)1 << 40, (size_t)1 << 63, SIZE_MAX };
        for (size_t i = 0; i < sizeof alignments / sizeof *alignments; i++) {
                volatile size_t alignment = alignments[i];
                void *aligned = memalign(alignment, 100);
                h_took(H_MEMALIGN, aligned, 100);
                tell("memalign to", alignment, aligned);
                h_free(aligned, 100);
                aligned = aligned_alloc(alignment, 100);
                h_took(H_ALIGNED_ALLOC, aligned, 100);
                tell("aligned_alloc to", alignment, aligned);
                h_free(aligned, 100);
        }

        volatile size_t half = SIZE_MAX / 2 + 2;
        void *block = h_malloc(24);
        tell("calloc overflow", half, calloc(half, 2));
        tell("calloc overflow", half, calloc(2, half));
        tell("reallocarray overflow", half, reallocarray(NULL, half, 2));
        tell("reallocarray overflow of a block", half, reallocarray(block, half, half));
        tell("calloc nothing", 0, h_calloc(0, half)); /* a block of no bytes, left live */
        h_free(block, 24);
        h_report(H_ONE_THREAD, "exited", 0);
        return 0;
}
