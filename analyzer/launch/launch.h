/*
 * Starts a program and sees it to its end, as a shell would see it: same terminal, same signals,
 * and its own exit code.
 *
 * Must not: read its trace.
 */
#ifndef ANALYZER_LAUNCH_LAUNCH_H
#define ANALYZER_LAUNCH_LAUNCH_H

#include <sys/types.h>

struct launch {
        const char *path; /* what to execute */
        char **argv;
        char **environment;
};

/* The pid, or a negative errno when it could not be executed. */
pid_t launch_start(const struct launch *launch);

/* What to do while the program runs. */
struct launch_stop {
        void (*stopped)(void *context,
                        pid_t pid);  /* by SIGSTOP, which nobody types; NULL: nothing, as a shell */
        void (*turn)(void *context); /* called again and again, with `stopped` alone */
        void *context;
};

/*
 * Waits until the program has ended, and leaves it a zombie: its collector may still want to read
 * how. launch_reap then gives its exit code, 128 + signal where it was killed.
 */
void launch_wait(pid_t pid, const struct launch_stop *stop);
int launch_reap(pid_t pid);

#endif
