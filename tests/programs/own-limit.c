/*
 * A program that limits its own address space to little more than it needs, and then allocates, starts
 * threads and forks: the tracer's reservation must not be what the limit meets.
 */
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "harness.h"

static void *work(void *unused) {
        h_free(h_malloc(70000), 70000);
        h_thread_done();
        return unused;
}

int main(void) {
        const struct rlimit limit = { (rlim_t)700 << 20, (rlim_t)700 << 20 };
        pthread_t thread;
        void *large;
        pid_t child;

        h_say("limit: %d\n", setrlimit(RLIMIT_AS, &limit));
        large = h_malloc((size_t)300 << 20);
        h_say("large: %d\n", large != NULL);
        h_free(large, (size_t)300 << 20);
        h_say("too large: %d\n", malloc((size_t)800 << 20) != NULL);
        if (pthread_create(&thread, NULL, work, NULL) == 0)
                pthread_join(thread, NULL);
        child = fork();
        if (child == 0) {
                h_forked();
                h_say("child: %d\n", h_malloc((size_t)200 << 20) != NULL);
                h_report(H_ONE_THREAD, "exited", 0);
                _exit(0);
        }
        waitpid(child, NULL, 0);
        h_report(H_THREADS, "exited", 0);
        return 0;
}
