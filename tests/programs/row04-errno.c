/*
 * Row 4: a call that succeeds leaves errno as it found it, and free does so always: also the first of a
 * thread and of a child, and where the tracer has to wait.
 */
#include <malloc.h>
#include <pthread.h>
#include <sys/wait.h>

#include "harness.h"

static int preset = 1;

static void unchanged(const char *what) {
        if (errno != preset)
                h_say("%s changed errno from %d to %d\n", what, preset, errno);
        errno = ++preset;
}

static void *first_of_a_thread(void *unused) {
        errno = preset;
        h_free(h_malloc(123), 123);
        unchanged("a thread's first");
        h_thread_done();
        return unused;
}

static void several_rings_full(void) {
        for (int i = 0; i < 100000; i++) {
                h_free(h_malloc(40), 40);
                if (errno != preset)
                        unchanged("one of many");
        }
        unchanged("the last of many");
}

/* Deeper than the tracer has seen the stack. */
static __attribute__((noinline)) int deep(int depth) {
        volatile char frame[1024] = { 0 };
        if (depth == 0) {
                h_free(h_malloc(50), 50);
                unchanged("a deep one");
                return 0;
        }
        return deep(depth - 1) + frame[depth % 1024];
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
                void *f = reallocarray(NULL, bytes, 2);
                h_took(H_REALLOCARRAY, f, bytes * 2);
                unchanged("reallocarray");
                void *g = valloc(bytes);
                h_took(H_VALLOC, g, bytes);
                unchanged("valloc");
                void *h = pvalloc(bytes);
                h_took(H_PVALLOC, h, bytes);
                unchanged("pvalloc");
                (void)malloc_usable_size(h);
                unchanged("malloc_usable_size");
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
                h_free(f, bytes * 2);
                h_free(g, bytes);
                h_free(h, bytes);
                unchanged("free of pages");
                free(NULL);
                unchanged("free of nothing");
        }
        several_rings_full();
        deep(200);
        pthread_t thread;
        pthread_create(&thread, NULL, first_of_a_thread, NULL);
        pthread_join(thread, NULL);
        pid_t child = fork();
        errno = preset;
        if (child == 0) {
                h_forked();
                h_free(h_malloc(60), 60);
                unchanged("a child's first");
                h_report(H_ONE_THREAD, "exited", 0);
                _exit(0);
        }
        waitpid(child, NULL, 0);
        h_say("%d calls looked at\n", preset);
        h_report(H_THREADS, "exited", 0);
        return 0;
}
