/*
 * Fork: each child has a trace of its own, of what it did itself. What it inherited is foreign to it, and
 * its parent's trace knows nothing of the child's frees.
 */
#include <signal.h>
#include <sys/wait.h>

#include "harness.h"

static void join(pid_t child) {
        int status = 0;
        while (waitpid(child, &status, 0) < 0 && errno == EINTR)
                ;
        h_say("child: exited %d %d, signal %d\n", WIFEXITED(status), WEXITSTATUS(status),
              WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

static void child(int number, void *inherited, void *grown) {
        h_forked();
        h_free_foreign(inherited);
        h_mine.foreign++;
        h_took(H_REALLOC, realloc(grown, 4000), 4000); /* releases a block it cannot know */
        for (int i = 0; i < 10 + number; i++)
                h_malloc((size_t)(100 + number));

        switch (number) {
        case 0: {
                void *own = h_malloc(500);
                pid_t grandchild = fork();
                if (grandchild == 0) {
                        h_forked();
                        h_free_foreign(own);
                        h_malloc(501);
                        h_report(H_ONE_THREAD, "exited", 50);
                        exit(50);
                }
                join(grandchild);
                h_free(own, 500);
                h_report(H_ONE_THREAD, "exited", 40);
                exit(40);
        }
        case 1:
                h_report(H_ONE_THREAD, "exited", 41);
                _exit(41);
        case 2:
                h_report(H_ONE_THREAD, "signaled", SIGKILL);
                raise(SIGKILL);
                break;
        default:
                h_report(H_ONE_THREAD, "exec", 0);
                execl("/proc/self/exe", "row16-children", "leaf", NULL);
        }
        _exit(97);
}

int main(int argc, char **argv) {
        (void)argv;
        if (argc > 1) { /* what the last child becomes */
                h_calloc(3, 333);
                h_report(H_ONE_THREAD, "exited", 43);
                return 43;
        }
        void *inherited = h_malloc(1000), *grown = h_malloc(2000);
        for (int number = 0; number < 4; number++) {
                pid_t pid = fork();
                if (pid == 0)
                        child(number, inherited, grown);
                join(pid);
                h_free(h_malloc(60), 60);
        }
        h_free(inherited, 1000);
        h_report(H_ONE_THREAD, "exited", 0);
        return 0;
}
