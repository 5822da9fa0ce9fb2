/*
 * See launch.h. Keyboard signals reach the program by the terminal, so this process only has to
 * survive them; what is sent to this process alone is passed on.
 */
#include "launch/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define TURN_MS 250

/* Set before the handlers are, never changed after; only the main thread runs. */
static volatile pid_t child;

enum care { SURVIVE, FORWARD, REAP };

/* What is done about each signal while the program runs, and what was done about it before. */
static struct {
        int number;
        enum care care;
        struct sigaction before;
} signals[] = {
        { .number = SIGINT, .care = SURVIVE },
        { .number = SIGQUIT, .care = SURVIVE },
        { .number = SIGTERM, .care = FORWARD },
        { .number = SIGHUP, .care = FORWARD },
        { .number = SIGUSR1, .care = FORWARD },
        { .number = SIGUSR2, .care = FORWARD },
        { .number = SIGCONT, .care = FORWARD },
        /* where it is ignored, the kernel keeps no zombie and no exit code */
        { .number = SIGCHLD, .care = REAP },
};

#define SIGNAL_COUNT (sizeof(signals) / sizeof(*signals))

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

static void take_signals(void) {
        for (size_t i = 0; i < SIGNAL_COUNT; i++) {
                struct sigaction action = { .sa_handler = signals[i].care == SURVIVE   ? SIG_IGN
                                                          : signals[i].care == FORWARD ? forward
                                                                                       : SIG_DFL,
                                            .sa_flags = SA_RESTART };

                sigaction(signals[i].number, NULL, &signals[i].before);
                /* what this process was told to ignore (nohup), the program ignores too */
                if (signals[i].care != FORWARD || signals[i].before.sa_handler != SIG_IGN)
                        sigaction(signals[i].number, &action, NULL);
        }
}

static void give_signals_back(void) {
        for (size_t i = 0; i < SIGNAL_COUNT; i++)
                sigaction(signals[i].number, &signals[i].before, NULL);
}

/* 0 once the program executes, else the errno that the child reports. */
static int wait_for_exec(int report) {
        int error = 0;
        ssize_t got;

        while ((got = read(report, &error, sizeof(error))) < 0 && errno == EINTR)
                ;
        return got == (ssize_t)sizeof(error) ? error : 0;
}

pid_t launch_start(const struct launch *launch) {
        sigset_t block, before;
        int report[2], error = 0;
        pid_t pid;

        if (pipe2(report, O_CLOEXEC) < 0)
                return -errno;
        /* what arrives before the child is known waits until it is */
        sigemptyset(&block);
        for (size_t i = 0; i < SIGNAL_COUNT; i++)
                sigaddset(&block, signals[i].number);
        sigprocmask(SIG_BLOCK, &block, &before);
        take_signals();
        pid = fork();
        if (pid == 0) {
                give_signals_back();
                sigprocmask(SIG_SETMASK, &before, NULL);
                be_child(launch, report[1]);
        }
        error = pid < 0 ? errno : 0;
        child = pid > 0 ? pid : 0;
        sigprocmask(SIG_SETMASK, &before, NULL);
        close(report[1]);
        if (pid > 0 && (error = wait_for_exec(report[0])) != 0) {
                child = 0;
                waitpid(pid, NULL, 0);
        }
        close(report[0]);
        if (error)
                give_signals_back();
        return error ? -error : pid;
}

/* Until the program has ended, or until the next turn. False: it ended before. */
static bool wait_a_turn(int pidfd) {
        struct pollfd ended = { .fd = pidfd, .events = POLLIN }; /* -1 only waits */

        return poll(&ended, 1, TURN_MS) <= 0;
}

/* As long as somebody wants to know of its stops. */
static void wait_and_watch(pid_t pid, const struct launch_stop *stop) {
        int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

        for (;;) {
                bool turn = wait_a_turn(pidfd);
                siginfo_t change = { 0 };

                if (waitid(P_PID, (id_t)pid, &change, WEXITED | WSTOPPED | WNOWAIT | WNOHANG) < 0) {
                        if (errno == EINTR)
                                continue;
                        break;
                }
                if (change.si_pid != 0 && change.si_code != CLD_STOPPED)
                        break;
                /* taken, or it would be told again */
                if (change.si_pid != 0 && waitid(P_PID, (id_t)pid, &change, WSTOPPED | WNOHANG) == 0 &&
                    change.si_status == SIGSTOP)
                        stop->stopped(stop->context, pid);
                if (turn)
                        stop->turn(stop->context);
        }
        if (pidfd >= 0)
                close(pidfd);
}

void launch_wait(pid_t pid, const struct launch_stop *stop) {
        siginfo_t change = { 0 };

        if (stop->stopped)
                wait_and_watch(pid, stop);
        else
                while (waitid(P_PID, (id_t)pid, &change, WEXITED | WNOWAIT) < 0 && errno == EINTR)
                        ;
        child = 0; /* nobody is there to pass a signal on to, and what follows may be interrupted */
        for (size_t i = 0; i < SIGNAL_COUNT; i++)
                if (signals[i].care != REAP)
                        sigaction(signals[i].number, &signals[i].before, NULL);
}

int launch_reap(pid_t pid) {
        int status = 0;

        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return 126;
        return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
