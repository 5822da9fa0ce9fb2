/* Row 4: a call that succeeds leaves errno as it found it, and free does so always. */
#include <malloc.h>

#include "harness.h"

static int preset = 1;

static void unchanged(const char *what) {
        if (errno != preset)
                h_say("%s changed errno from %d to %d\n", what, preset, errno);
        errno = ++preset;
}

int main(void) {
        errno = preset;
        for (size_t bytes = 1; bytes < 4u << 20; bytes = bytes * 3 + 1) {
                void *a = h_malloc(bytes);
                unchanged("malloc");
                void *b = h_calloc(3, bytes);
                unchanged("calloc");
                a = h_realloc(a, bytes, bytes * 2);
                unchanged("realloc");
                void *c = aligned_alloc(32, bytes);
                h_took(H_ALIGNED_ALLOC, c, bytes);
                unchanged("aligned_alloc");
                void *d = memalign(64, bytes);
                h_took(H_MEMALIGN, d, bytes);
                unchanged("memalign");
                void *e = NULL;
                if (posix_memalign(&e, 16, bytes) == 0)
                        h_took(H_POSIX_MEMALIGN, e, bytes);
                unchanged("posix_memalign");
                h_free(a, bytes * 2);
                unchanged("free");
                h_free(b, bytes * 3);
                unchanged("free");
                h_free(c, bytes);
                unchanged("free");
                h_free(d, bytes);
                unchanged("free");
                h_free(e, bytes);
                unchanged("free of a mapping, perhaps");
                free(NULL);
                unchanged("free of nothing");
        }
        h_say("%d calls looked at\n", preset);
        h_report(H_ONE_THREAD, "exited", 0);
        return 0;
}
