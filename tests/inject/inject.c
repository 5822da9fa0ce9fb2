/*
 * inject WHO CALL ERROR WHEN LOG PROGRAM ARG...: runs a program and lets one of its family's system calls
 * fail. By seccomp's user notification, so nobody is stopped or traced for it, and what fails does nothing.
 *
 *   WHO    program, child (of it, forked) or collector (everyone else)
 *   CALL   by name, see `calls`; a call that the dynamic linker makes is neither counted nor failed
 *   ERROR  the errno it fails with, a number
 *   WHEN   N: the N-th such call; N+: that one and all after it; 0: none
 *   LOG    file that gets one line: how many such calls there were, and how many of them failed
 *
 * INJECT_PRELOAD is the program's LD_PRELOAD.
 *
 * Passes the program's exit status on (128 + signal when it was killed) once everyone is gone. 124: somebody
 * is left after SECONDS_MAX, and is killed; 77: this kernel has no user notification; 125: it could not
 * start.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SKIPPED = 77, HUNG = 124, BROKEN = 125, SECONDS_MAX = 15, PROCESSES_MAX = 64 };

#define CALL(name)                                                                                           \
        { #name, SYS_##name }
static const struct {
        const char *name;
        int number;
} calls[] = {
        CALL(clock_gettime), CALL(clone),      CALL(close_range),    CALL(flock),           CALL(fstat),
        CALL(ftruncate),     CALL(futex),      CALL(getcwd),         CALL(getpid),          CALL(getppid),
        CALL(getrusage),     CALL(gettid),     CALL(ioctl),          CALL(madvise),         CALL(mmap),
        CALL(mprotect),      CALL(mremap),     CALL(munmap),         CALL(openat),          CALL(pidfd_open),
        CALL(poll),          CALL(prctl),      CALL(pread64),        CALL(prlimit64),       CALL(read),
        CALL(readlink),      CALL(readlinkat), CALL(rt_sigprocmask), CALL(set_robust_list), CALL(setsid),
        CALL(tgkill),        CALL(uname),      CALL(unlinkat),       CALL(wait4),           CALL(write),
        CALL(writev),
};

static int number_of(const char *name) {
        for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
                if (strcmp(calls[i].name, name) == 0)
                        return calls[i].number;
        fprintf(stderr, "inject: no call %s\n", name);
        exit(BROKEN);
}

struct plan {
        const char *who;
        int error;
        uint64_t from, to; /* of the calls counted from 1 */
        pid_t program;
        uint64_t counted, failed;
        uint64_t linker, linker_end; /* where the dynamic linker lies */
        pid_t seen[PROCESSES_MAX];   /* everyone who made such a call */
        size_t seen_count;
};

/* In the new process: a filter that asks us about `number`. Returns the listener, -1 and errno. */
static int filter_begin(int number) {
        struct sock_filter code[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        struct sock_fprog program = { sizeof(code) / sizeof(*code), code };

        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                return -1;
        return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

/* The value of a "Name:\tnumber" line of /proc/PID/status. */
static pid_t status_of(pid_t pid, const char *name) {
        char path[64], line[256];
        pid_t value = 0;
        FILE *file;

        snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
        file = fopen(path, "re");
        while (file && fgets(line, sizeof(line), file))
                if (strncmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ':')
                        value = (pid_t)atoi(line + strlen(name) + 1);
        if (file)
                fclose(file);
        return value;
}

static void find_linker(struct plan *plan) {
        char path[64], line[4352];
        FILE *file;

        snprintf(path, sizeof(path), "/proc/%d/maps", (int)plan->program);
        file = fopen(path, "re");
        while (file && fgets(line, sizeof(line), file)) {
                uint64_t start, end;

                if (!strstr(line, "/ld-linux") || sscanf(line, "%lx-%lx", &start, &end) != 2)
                        continue;
                if (plan->linker == 0)
                        plan->linker = start;
                plan->linker_end = end;
        }
        if (file)
                fclose(file);
}

static bool is_wanted(struct plan *plan, const struct seccomp_notif *request) {
        pid_t process = status_of((pid_t)request->pid, "Tgid");
        const char *who = "collector";
        size_t i = 0;

        while (i < plan->seen_count && plan->seen[i] != process)
                i++;
        if (i == plan->seen_count && i < PROCESSES_MAX)
                plan->seen[plan->seen_count++] = process;
        if (process == plan->program)
                who = "program";
        else if (status_of((pid_t)request->pid, "PPid") == plan->program)
                who = "child";
        if (strcmp(who, plan->who) != 0)
                return false;
        if (plan->linker == 0)
                find_linker(plan);
        return request->data.instruction_pointer < plan->linker ||
               request->data.instruction_pointer >= plan->linker_end;
}

static void answer(struct plan *plan, int listener) {
        struct seccomp_notif request = { 0 };
        struct seccomp_notif_resp response = { .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };

        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request) < 0)
                return; /* it was killed meanwhile */
        response.id = request.id;
        if (is_wanted(plan, &request)) {
                plan->counted++;
                if (plan->counted >= plan->from && plan->counted <= plan->to) {
                        plan->failed++;
                        response.flags = 0;
                        response.error = -plan->error;
                }
        }
        (void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

/* Answers until nobody is left who could ask; false when that takes too long. */
static bool serve(struct plan *plan, int listener) {
        time_t deadline = time(NULL) + SECONDS_MAX;
        struct pollfd fd = { .fd = listener, .events = POLLIN };

        while (time(NULL) < deadline) {
                if (poll(&fd, 1, 100) > 0 && (fd.revents & POLLIN))
                        answer(plan, listener);
                if (fd.revents & POLLHUP)
                        return true;
        }
        kill(plan->program, SIGKILL);
        for (size_t i = 0; i < plan->seen_count; i++)
                kill(plan->seen[i], SIGKILL);
        return false;
}

static void child(volatile int *listener, int number, char **command) {
        *listener = filter_begin(number);
        if (*listener < 0) {
                int unknown = errno == EINVAL || errno == ENOSYS || errno == EPERM;

                perror("inject: seccomp");
                _exit(unknown ? SKIPPED : BROKEN);
        }
        if (getenv("INJECT_PRELOAD") && setenv("LD_PRELOAD", getenv("INJECT_PRELOAD"), 1) == 0)
                unsetenv("INJECT_PRELOAD");
        execv(command[0], command);
        _exit(BROKEN);
}

int main(int argc, char **argv) {
        struct plan plan = { 0 };
        volatile int *listener;
        int status = 0, number;
        char *end;
        bool gone;
        FILE *log;

        if (argc < 7) {
                fputs("inject WHO CALL ERROR WHEN LOG PROGRAM ARG...\n", stderr);
                return BROKEN;
        }
        plan.who = argv[1];
        number = number_of(argv[2]);
        plan.error = atoi(argv[3]);
        plan.from = strtoull(argv[4], &end, 10);
        plan.to = *end == '+' ? UINT64_MAX : plan.from;
        listener = mmap(NULL, sizeof(*listener), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (listener == MAP_FAILED)
                return BROKEN;
        *listener = 0;
        /* With one table of descriptors for both until the exec, the listener is ours as well. */
        plan.program = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);
        if (plan.program < 0)
                return BROKEN;
        if (plan.program == 0)
                child(listener, number, argv + 6);
        while (*listener == 0)
                usleep(100);
        gone = *listener < 0 || serve(&plan, *listener);
        while (waitpid(plan.program, &status, 0) < 0 && errno == EINTR)
                ;
        log = fopen(argv[5], "we");
        if (log) {
                fprintf(log, "%lu %lu\n", plan.counted, plan.failed);
                fclose(log);
        }
        if (!gone)
                return HUNG;
        return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
