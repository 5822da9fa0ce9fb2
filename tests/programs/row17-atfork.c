/*
 * Handlers of pthread_atfork that allocate and free, in all three phases, in each of several threads that
 * fork at once. In the child they are the first that records: it joins its family in the middle of fork.
 */
#include <malloc.h>
#include <pthread.h>
#include <sys/wait.h>

#include "harness.h"
#include "threads.h"

enum { THREADS = 6, FORKS = 3, HANDLERS = 2 };

static __thread void *prepared[HANDLERS];
static __thread int next;

static void prepare(void) {
        prepared[next++] = h_malloc(640);
        h_free(h_calloc(3, 50), 150);
}

static void parent(void) {
        h_free(prepared[--next], 640);
        h_free(h_malloc(70), 70);
}

static void child(void) {
        if (next == HANDLERS)
                h_forked();
        h_free_foreign(prepared[--next]);
        h_malloc(800);
        h_free(h_realloc(h_malloc(90), 90, 9000), 9000);
}

static void *work(void *argument) {
        int number = (int)(intptr_t)argument;

        for (int i = 0; i < FORKS; i++) {
                int code = number * FORKS + i, status = 0;
                pid_t forked = fork();

                if (forked == 0) {
                        h_malloc((size_t)(1000 + code));
                        h_report(H_ONE_THREAD, "exited", code);
                        _exit(code);
                }
                waitpid(forked, &status, 0);
                if (!WIFEXITED(status) || WEXITSTATUS(status) != code)
                        h_say("child %d: status %x\n", code, status);
        }
        h_thread_done();
        return NULL;
}

int main(void) {
        for (int i = 0; i < HANDLERS; i++)
                pthread_atfork(prepare, parent, child);
        mallopt(M_ARENA_MAX,
                8); /* else threads read the number of processors: a file that a child may inherit */
        threads_run(THREADS, work);
        h_report(H_THREADS, "exited", 0);
        return 0;
}
