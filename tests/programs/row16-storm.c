/*
 * Threads that allocate and fork, all at once: the children's traces hold what the children did, the parent's
 * loses nothing, and nobody hangs on a lock that another thread held at that moment. A child that execs or
 * ends at once has no trace at all: what it becomes is not traced here, so one trace too many would be its
 * own.
 */
#include <malloc.h>
#include <sys/wait.h>

#include "harness.h"
#include "threads.h"

enum { THREADS = 32, FORKS = 2, ROUNDS = 800 };

static char *self;

static void await(pid_t child, int expected) {
        int status = 0;

        waitpid(child, &status, 0);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != expected)
                h_say("child %d: status %x\n", expected, status);
}

static void allocating_child(int number) {
        pid_t child = fork();

        if (child == 0) {
                h_forked();
                for (int i = 0; i <= number; i++)
                        h_calloc(2, (size_t)(50 + number));
                h_free(h_malloc(3000), 3000);
                h_report(H_ONE_THREAD, "exited", number);
                _exit(number);
        }
        await(child, number);
}

static void child_that_goes_at_once(int execs) {
        pid_t child = fork();

        if (child == 0) {
                if (execs)
                        execle(self, self, "leaf", (char *)NULL, (char *[]){ NULL });
                _exit(execs ? 98 : 7);
        }
        await(child, 7);
}

static void *work(void *argument) {
        int number = (int)(intptr_t)argument;

        for (int fork_number = 0; fork_number < FORKS; fork_number++) {
                for (size_t i = 0; i < ROUNDS; i++)
                        h_free(h_malloc(1 + i % 999), 1 + i % 999);
                allocating_child(number * FORKS + fork_number);
                child_that_goes_at_once(fork_number % 2);
        }
        h_malloc(10);
        h_thread_done();
        return NULL;
}

int main(int argc, char **argv) {
        if (argc > 1)
                return 7;
        self = argv[0];
        mallopt(M_ARENA_MAX,
                8); /* else threads read the number of processors: a file that a child may inherit */
        threads_run(THREADS, work);
        h_report(H_THREADS, "exited", 0);
        return 0;
}
