/*
 * See launch.h. Keyboard signals reach the program by the terminal, so this process only has to
 * survive them; what is sent to this process alone is passed on.
 */
#include "launch/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Set before the handlers are, never changed after; only the main thread runs. */
static volatile pid_t child;

static const int survived[] = { SIGINT, SIGQUIT };
static const int forwarded[] = { SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGCONT };

static void forward(int signal_number) {
        int saved = errno;

        if (child > 0)
                kill(child, signal_number);
        errno = saved;
}

/* An executable text without "#!" is the shell's, as execvp has it. */
static void run_shell(const struct launch *launch) {
        size_t count = 0;
        char **argv;

        while (launch->argv[count])
                count++;
        argv = calloc(count + 3, sizeof(*argv));
        if (!argv)
                return;
        argv[0] = (char *)"sh";
        argv[1] = (char *)launch->path;
        for (size_t i = 1; i < count; i++)
                argv[i + 1] = launch->argv[i];
        execve("/bin/sh", argv, launch->environment);
}

static void be_child(const struct launch *launch, int report) {
        int error;

        execve(launch->path, launch->argv, launch->environment);
        if (errno == ENOEXEC)
                run_shell(launch);
        error = errno;
        if (write(report, &error, sizeof(error)) < 0)
                _exit(126);
        _exit(126);
}

pid_t launch_start(const struct launch *launch) {
        struct sigaction ignore = { .sa_handler = SIG_IGN },
                         pass_on = { .sa_handler = forward, .sa_flags = SA_RESTART };
        struct sigaction before;
        sigset_t block, old;
        int report[2], error = 0;
        ssize_t got;
        pid_t pid;

        if (pipe2(report, O_CLOEXEC) < 0)
                return -errno;
        /* what arrives before the handlers stand waits for them */
        sigemptyset(&block);
        for (size_t i = 0; i < sizeof(forwarded) / sizeof(*forwarded); i++)
                sigaddset(&block, forwarded[i]);
        for (size_t i = 0; i < sizeof(survived) / sizeof(*survived); i++)
                sigaddset(&block, survived[i]);
        sigprocmask(SIG_BLOCK, &block, &old);
        pid = fork();
        if (pid == 0) {
                sigprocmask(SIG_SETMASK, &old, NULL);
                be_child(launch, report[1]);
        }
        close(report[1]);
        if (pid < 0) {
                error = errno;
        } else {
                child = pid;
                for (size_t i = 0; i < sizeof(survived) / sizeof(*survived); i++)
                        sigaction(survived[i], &ignore, NULL);
                /* what this process was told to ignore (nohup), the program ignores too */
                for (size_t i = 0; i < sizeof(forwarded) / sizeof(*forwarded); i++)
                        if (sigaction(forwarded[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
                                sigaction(forwarded[i], &pass_on, NULL);
        }
        sigprocmask(SIG_SETMASK, &old, NULL);
        if (pid > 0) {
                while ((got = read(report[0], &error, sizeof(error))) < 0 && errno == EINTR)
                        ;
                if (got == (ssize_t)sizeof(error))
                        waitpid(pid, NULL, 0);
                else
                        error = 0;
        }
        close(report[0]);
        return error ? -error : pid;
}

void launch_wait(pid_t pid) {
        siginfo_t ended;

        while (waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOWAIT) < 0 && errno == EINTR)
                ;
        child = 0; /* nobody is there to pass a signal on to */
}

int launch_reap(pid_t pid) {
        int status = 0;

        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return 126;
        return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
