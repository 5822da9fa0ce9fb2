/*
 * Threads whose very first event is a vfork child's: the child runs on its thread's storage, and what it
 * leaves there goes on when it is gone. Rounds of short threads follow, which would take over what looks left
 * behind.
 */
#include <pthread.h>
#include <sys/wait.h>

#include "harness.h"

enum { THREADS = 8, ROUNDS = 4, PAIRS = 20000 };

static void *work(void *unused) {
        pid_t child = vfork();
        int status = 0;

        if (child == 0) {
                h_free(h_malloc(5), 5); /* the parent's memory, and its count */
                _exit(0);
        }
        waitpid(child, &status, 0);
        for (int i = 0; i < PAIRS; i++)
                h_free(h_malloc(33), 33);
        h_thread_done();
        return unused;
}

int main(void) {
        pthread_t threads[THREADS];

        for (int round = 0; round < ROUNDS; round++) {
                for (int i = 0; i < THREADS; i++)
                        pthread_create(&threads[i], NULL, work, NULL);
                for (int i = 0; i < THREADS; i++)
                        pthread_join(threads[i], NULL);
        }
        h_report(H_THREADS, "exited", 0);
        return 0;
}
