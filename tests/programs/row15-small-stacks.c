/*
 * Row 15: threads of argv[1] KiB, with an alternate stack that leaves 2 KiB to a handler, both with a page
 * below that faults. Every function is called on the thread's stack and in a handler, which may hold the
 * thread's first call; and a handler is at every instruction of a call, on the same 2 KiB (safe-library.c may
 * be entered so).
 */
#include <malloc.h>
#include <pthread.h>
#include <signal.h>

#include "harness.h"
#include "stacks.h"
#include "steps.h"

enum { THREADS = 24, STEPS = 3000 };

static __thread volatile int handled, wanted;

static void every_function(void) {
        void *block = h_malloc(100);
        block = h_realloc(block, 100, 300);
        h_free(block, 300);
        block = h_calloc(3, 50);
        h_free(block, 150);
        block = aligned_alloc(64, 128);
        h_took(H_ALIGNED_ALLOC, block, 128);
        h_free(block, 128);
        block = memalign(128, 100);
        h_took(H_MEMALIGN, block, 100);
        h_free(block, 100);
        block = reallocarray(NULL, 7, 9);
        h_took(H_REALLOCARRAY, block, 63);
        h_free(block, 63);
        if (posix_memalign(&block, 64, 80) == 0) {
                h_took(H_POSIX_MEMALIGN, block, 80);
                h_free(block, 80);
        }
}

static void on_signal(int signal) {
        every_function();
}

static void on_step(int signal, siginfo_t *info, void *context) {
        if (handled >= wanted) {
                steps_end(context);
                return;
        }
        handled++;
        free(malloc(40));
}

static __attribute__((noinline)) int descend(int depth) {
        if (depth == 0) {
                every_function();
                return 0;
        }
        return descend(depth - 1) + 1;
}

static void *run(void *argument) {
        int number = (int)(intptr_t)argument;

        stack_alternate(2048);
        if (number % 2)
                raise(SIGUSR1);
        every_function();
        descend(50);
        raise(SIGUSR1);

        wanted = STEPS / THREADS;
        steps_on();
        void *block = malloc(40);
        free(block);
        steps_off();
        /* A call has fewer instructions untraced. */
        for (; handled < wanted; handled++)
                free(malloc(40));
        for (int i = 0; i < 1 + wanted; i++) {
                h_took(H_MALLOC, &h_total, 40);
                h_gave(&h_total, 40);
        }
        h_thread_done();
        return NULL;
}

int main(int argc, char **argv) {
        struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_ONSTACK };
        size_t bytes = (size_t)(argc > 1 ? atoi(argv[1]) : 64) << 10;
        pthread_attr_t attributes;
        pthread_t threads[THREADS];

        every_function(); /* libc resolves its own calls at the first */
        sigaction(SIGUSR1, &action, NULL);
        steps_handler(on_step, SA_ONSTACK);
        pthread_attr_init(&attributes);
        pthread_attr_setstacksize(&attributes, bytes);
        for (int i = 0; i < THREADS; i++)
                if (pthread_create(&threads[i], &attributes, run, (void *)(intptr_t)i))
                        return h_skip("no thread has so small a stack here");
        for (int i = 0; i < THREADS; i++)
                pthread_join(threads[i], NULL);
        h_report(H_THREADS, "exited", 0);
        return 0;
}
