/*
 * vfork, posix_spawn, system and popen: the program's own trace is unbroken, and a vfork child, which
 * shares its parent's memory until it execs, does not end or divert it.
 */
#include <spawn.h>
#include <sys/wait.h>

#include "harness.h"

extern char **environ;

static void join(const char *what, pid_t child) {
        int status = 0;
        waitpid(child, &status, 0);
        h_say("%s: status %x\n", what, status);
        h_free(h_malloc(300), 300);
}

int main(int argc, char **argv) {
        if (argc > 1) {
                h_malloc(4321);
                h_report(H_ONE_THREAD, "exited", atoi(argv[1]));
                return atoi(argv[1]);
        }
        h_malloc(1000);

        pid_t child = vfork();
        if (child == 0) {
                execl("/proc/self/exe", argv[0], "11", NULL);
                _exit(97);
        }
        join("vfork", child);

        child = vfork();
        if (child == 0)
                _exit(12);
        join("vfork and exit", child);

        char *const arguments[] = { argv[0], (char *)"13", NULL };
        if (posix_spawn(&child, argv[0], NULL, NULL, arguments, environ) == 0)
                join("posix_spawn", child);

        h_say("system: %x\n", system("exit 14"));
        h_malloc(2000);
        FILE *pipe = popen("exit 15", "r");
        h_say("popen: %x\n", pipe ? pclose(pipe) : -1);
        h_malloc(3000);
        h_report(H_ONE_THREAD, "exited", 0);
        return 0;
}
