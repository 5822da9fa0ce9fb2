/*
 * A program that lifts its limit on address space, as stress-ng does in each of its processes, and then has
 * many threads at once, here and in a child: a limit that leaves room for the tracer takes none from it. And
 * a limit that cannot be read is the kernel's to refuse.
 */
#include <pthread.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "harness.h"

enum { THREADS = 100 };

static pthread_barrier_t all_there;
static size_t size = 100;

static void *work(void *unused) {
        void *block = h_malloc(size);

        pthread_barrier_wait(&all_there);
        h_free(block, size);
        h_thread_done();
        return unused;
}

static void many_threads(void) {
        pthread_t threads[THREADS];

        for (int i = 0; i < THREADS; i++)
                pthread_create(&threads[i], NULL, work, NULL);
        for (int i = 0; i < THREADS; i++)
                pthread_join(threads[i], NULL);
}

int main(void) {
        const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY },
                            large = { (rlim_t)1 << 40, RLIM_INFINITY };
        const struct rlimit *nowhere = (const struct rlimit *)8;
        pid_t child;

        pthread_barrier_init(&all_there, NULL, THREADS);
        h_say("nowhere: %d\n", setrlimit(RLIMIT_AS, nowhere));
        h_say("errno: %d\n", errno);
        h_say("limits: %d %d\n", setrlimit(RLIMIT_AS, &large), prlimit(0, RLIMIT_AS, &unlimited, NULL));
        many_threads();
        child = fork();
        if (child == 0) {
                h_forked();
                size = 200;
                many_threads();
                h_report(H_THREADS | H_FOREIGN_OPEN, "exited",
                         0); /* libc frees what its parent's threads had */
                _exit(0);
        }
        waitpid(child, NULL, 0);
        h_report(H_THREADS, "exited", 0);
        return 0;
}
