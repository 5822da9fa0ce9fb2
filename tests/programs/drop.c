/*
 * Four threads that allocate, resize and free faster than anybody can read: with MEMTRACE_OVERFLOW=drop some
 * of it is lost. What it does is the same in every run.
 */
#include <pthread.h>
#include <stdlib.h>

enum { THREADS = 4, ROUNDS = 200000 };

/* All at once, so that no thread is given the stack, and the control block, of one that has ended. */
static pthread_barrier_t all_started;

static void *work(void *unused) {
        pthread_barrier_wait(&all_started);
        for (size_t i = 0; i < ROUNDS; i++)
                free(realloc(malloc(33 + i % 99), 300));
        return unused;
}

int main(void) {
        pthread_t threads[THREADS];

        if (pthread_barrier_init(&all_started, NULL, THREADS) != 0)
                return 1;
        for (int i = 0; i < THREADS; i++)
                if (pthread_create(&threads[i], NULL, work, NULL) != 0)
                        return 1;
        for (int i = 0; i < THREADS; i++)
                pthread_join(threads[i], NULL);
        return 0;
}
