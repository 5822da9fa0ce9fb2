/*
 * Fork beside allocating threads: the children's traces hold what the children did, the parent's loses
 * nothing, and nobody hangs on a lock that a thread held at that moment.
 */
#include <pthread.h>
#include <sys/wait.h>

#include "harness.h"

enum { THREADS = 4, FORKS = 12, ROUNDS = 3000 };

static void *work(void *unused) {
        (void)unused;
        for (size_t i = 0; i < ROUNDS; i++)
                h_free(h_malloc(1 + i % 999), 1 + i % 999);
        h_malloc(10);
        h_thread_done();
        return NULL;
}

int main(void) {
        pthread_t threads[THREADS];

        for (int i = 0; i < THREADS; i++)
                pthread_create(&threads[i], NULL, work, NULL);
        for (int i = 0; i < FORKS; i++) {
                h_malloc(200);
                pid_t child = fork();
                if (child == 0) {
                        h_forked();
                        for (int n = 0; n <= i; n++)
                                h_calloc(2, 50);
                        h_report(H_ONE_THREAD, "exited", i);
                        _exit(i);
                }
                int status = 0;
                waitpid(child, &status, 0);
                if (!WIFEXITED(status) || WEXITSTATUS(status) != i)
                        h_say("child %d: status %x\n", i, status);
        }
        for (int i = 0; i < THREADS; i++)
                pthread_join(threads[i], NULL);
        h_report(H_THREADS, "exited", 0);
        return 0;
}
