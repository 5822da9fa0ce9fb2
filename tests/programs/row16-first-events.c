/*
 * A fork child whose first events come from many new threads at once, and the forking thread's only after
 * theirs: all of them are the child's, and none is written where its parent's go.
 */
#include <pthread.h>
#include <sys/wait.h>

#include "harness.h"

enum { THREADS = 16, BYTES_PARENT = 100, BYTES_CHILD = 200 };

static pthread_barrier_t all_there;
static size_t bytes = BYTES_PARENT;

static void *work(void *unused) {
        void *block;

        pthread_barrier_wait(&all_there);
        block = h_malloc(bytes);
        pthread_barrier_wait(&all_there);
        h_free(block, bytes);
        h_thread_done();
        return unused;
}

/* The second time libc has all their stacks from the first, few enough bytes to be kept, and asks for
 * nothing. */
static void many_threads(void) {
        pthread_t threads[THREADS];
        pthread_attr_t small;

        pthread_attr_init(&small);
        pthread_attr_setstacksize(&small, 64 << 10);
        for (int i = 0; i < THREADS; i++)
                pthread_create(&threads[i], &small, work, NULL);
        for (int i = 0; i < THREADS; i++)
                pthread_join(threads[i], NULL);
}

int main(void) {
        int status;
        pid_t child;

        h_free(h_malloc(bytes), bytes);
        pthread_barrier_init(&all_there, NULL, THREADS);
        many_threads();
        child = fork();
        if (child == 0) {
                h_forked();
                bytes = BYTES_CHILD;
                many_threads();
                for (int i = 0; i < 1000; i++)
                        h_free(h_malloc(bytes), bytes);
                h_report(H_THREADS | H_FOREIGN_OPEN, "exited",
                         0); /* libc frees what its parent's threads had */
                _exit(0);
        }
        waitpid(child, &status, 0);
        h_say("child %d\n", status);
        h_free(h_malloc(bytes), bytes);
        h_report(H_THREADS, "exited", 0);
        return 0;
}
