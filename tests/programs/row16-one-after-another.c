/*
 * Fork children one after the other, and threads, of a program whose own limit leaves the session room for a
 * few at a time: what one has used serves the next.
 */
#include <pthread.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "harness.h"

enum { CHILDREN = 60, THREADS = 60, LIMIT = 512 << 20 };

static void *work(void *unused) {
        for (int i = 0; i < 100; i++)
                h_free(h_malloc(70), 70);
        h_malloc(71);
        h_thread_done();
        return unused;
}

static void in_a_thread(void) {
        pthread_t thread;

        if (pthread_create(&thread, NULL, work, NULL) == 0)
                pthread_join(thread, NULL);
}

int main(int argc, char **argv) {
        struct rlimit limit = { LIMIT, LIMIT };

        if (argc == 1) {
                setrlimit(RLIMIT_AS, &limit);
                h_report(H_ONE_THREAD, "exec", 0);
                execl("/proc/self/exe", argv[0], "limited", (char *)NULL);
                return 98;
        }
        for (int i = 0; i < CHILDREN; i++) {
                int status = 0;
                pid_t child = fork();

                if (child == 0) {
                        h_forked();
                        in_a_thread();
                        h_report(H_THREADS, "exited", i);
                        _exit(i);
                }
                waitpid(child, &status, 0);
                h_say("child: %d\n", WEXITSTATUS(status));
        }
        for (int i = 0; i < THREADS; i++)
                in_a_thread();
        h_report(H_THREADS, "exited", 0);
        return 0;
}
