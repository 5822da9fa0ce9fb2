/*
 * What a program can find out about itself is the same when it is traced: descriptors, threads, children,
 * environment, signals, limits, session. All of it is printed and compared.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "harness.h"

/* Names in a directory of /proc; getdents, because opendir allocates. */
static void list(const char *path, int with_links) {
        int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        char entries[4096];
        long bytes;

        while ((bytes = syscall(SYS_getdents64, directory, entries, sizeof entries)) > 0) {
                for (long at = 0; at < bytes;) {
                        const struct dirent64 *entry = (const void *)(entries + at);
                        at += entry->d_reclen;
                        if (entry->d_name[0] == '.' || atoi(entry->d_name) == directory)
                                continue;
                        if (with_links) {
                                struct stat file;
                                int known = fstat(atoi(entry->d_name), &file) == 0;
                                h_say("descriptor %s, type %o\n", entry->d_name,
                                      known ? file.st_mode & S_IFMT : 0);
                        } else {
                                h_say("thread %d\n", atoi(entry->d_name) - getpid());
                        }
                }
        }
        close(directory);
}

static void status_lines(void) {
        static const char *const wanted[] = { "Name:",   "Umask:",   "TracerPid:",  "FDSize:",     "Threads:",
                                              "SigPnd:", "ShdPnd:",  "SigBlk:",     "SigIgn:",     "SigCgt:",
                                              "VmLck:",  "Seccomp:", "NoNewPrivs:", "CoreDumping:" };
        static char text[8192];
        int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
        ssize_t bytes = read(file, text, sizeof text - 1);
        close(file);
        text[bytes > 0 ? bytes : 0] = '\0';
        for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
                *end = '\0';
                for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
                        if (!strncmp(line, wanted[i], strlen(wanted[i])))
                                h_say("%s\n", line);
        }
}

int main(void) {
        int errno_at_start = errno;
        const char *error_at_start = dlerror();

        h_say("errno %d, dlerror %s\n", errno_at_start, error_at_start ? error_at_start : "none");
        h_malloc(100); /* now the tracer has a thread state */
        h_free(h_malloc(300000), 300000);
        list("/proc/self/fd", 1);
        list("/proc/self/task", 0);
        status_lines();

        for (char **variable = environ; *variable; variable++)
                if (strncmp(*variable, "LD_PRELOAD=", 11) && strncmp(*variable, "MEMTRACE_", 9))
                        h_say("variable %.200s\n", *variable);
        h_say("setting %s\n", secure_getenv("PATH") ? "readable" : "hidden");

        int caught = 0;
        for (int number = 1; number <= SIGRTMAX; number++) {
                struct sigaction action;
                if (sigaction(number, NULL, &action) == 0 &&
                    (action.sa_handler != SIG_DFL || action.sa_flags))
                        h_say("signal %d handled %d, flags %x\n", number, ++caught,
                              (unsigned)action.sa_flags);
        }
        sigset_t pending;
        sigpending(&pending);
        h_say("SIGCHLD pending %d\n", sigismember(&pending, SIGCHLD));
        stack_t alternate;
        sigaltstack(NULL, &alternate);
        h_say("alternate stack %d\n", alternate.ss_flags);

        siginfo_t info;
        errno = 0;
        int waited = waitid(P_ALL, 0, &info, WEXITED | WNOHANG | __WALL);
        h_say("children: waitid %d errno %d\n", waited, errno);
        for (int limit = 0; limit < RLIM_NLIMITS; limit++) {
                struct rlimit value;
                if (getrlimit((__rlimit_resource_t)limit, &value) == 0)
                        h_say("limit %d: %llx %llx\n", limit, (unsigned long long)value.rlim_cur,
                              (unsigned long long)value.rlim_max);
        }
        struct itimerval timer;
        for (int which = 0; which < 3; which++)
                if (getitimer((__itimer_which_t)which, &timer) == 0)
                        h_say("timer %d: %ld\n", which, (long)timer.it_value.tv_sec);
        h_say("session %d group %d\n", getsid(0) == getsid(getppid()), getpgid(0) == getpgid(getppid()));
        int death_signal = 0;
        prctl(PR_GET_PDEATHSIG, &death_signal);
        h_say("dumpable %d, no new privileges %d, death signal %d\n", prctl(PR_GET_DUMPABLE),
              prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), death_signal);

        /* symbols of ours that could stand in for the program's */
        static const char *const foreign[] = { "ZSTD_compress", "_Unwind_Backtrace", "unw_step",
                                               "memtrace_init", "ring_push" };
        for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
                h_say("%s %s\n", foreign[i], dlsym(RTLD_DEFAULT, foreign[i]) ? "found" : "absent");
        h_report(H_FOREIGN_OPEN, "exited", 0);
        return 0;
}
