/* posix_spawn, popen and system from several threads at once: each program that is started has a whole trace.
 */
#include <spawn.h>
#include <sys/wait.h>

#include "harness.h"
#include "threads.h"

enum { THREADS = 4, ROUNDS = 4 };

extern char **environ;
static char *self;

static void *work(void *argument) {
        int number = (int)(intptr_t)argument;

        for (int i = 0; i < ROUNDS; i++) {
                char *const arguments[] = { self, (char *)"leaf", NULL };
                int status = 0, done = 0;
                char command[600];
                pid_t child;
                FILE *pipe;

                h_free(h_malloc(200), 200);
                if (posix_spawn(&child, self, NULL, NULL, arguments, environ) == 0)
                        waitpid(child, &status, 0);
                done += WIFEXITED(status) && WEXITSTATUS(status) == 9;
                snprintf(command, sizeof command, "exec %s leaf", self);
                status = system(command);
                done += WIFEXITED(status) && WEXITSTATUS(status) == 9;
                pipe = popen("exit 5", "r");
                status = pipe ? pclose(pipe) : -1;
                done += WIFEXITED(status) && WEXITSTATUS(status) == 5;
                if (done != 3)
                        h_say("thread %d, round %d: %d of 3\n", number, i, done);
        }
        h_thread_done();
        return NULL;
}

int main(int argc, char **argv) {
        if (argc > 1) {
                h_malloc(4321);
                h_report(H_NO_STATE, "exited", 9); /* system(3) ignores signals for all threads */
                return 9;
        }
        self = argv[0];
        threads_run(THREADS, work);
        h_report(H_THREADS, "exited", 0);
        return 0;
}
