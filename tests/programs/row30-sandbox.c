/*
 * Row 30: a program that forbids itself system calls or the clock goes on allocating, with rings that fill,
 * stacks not seen before and, where it still may, new threads and children. Whatever it forbade itself, its
 * tracer does not do either. argv[1] is the case.
 */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "harness.h"

#include "block.h"

enum { ROUNDS = 25000, DEEP = 300, WARM = 4 << 20, SLOTS = 64, MAILBOXES = 3000 };

static volatile int sink;

/* From here on the heap neither grows nor shrinks: what is allocated below needs no call of libc's. */
static void warm_heap(void) {
        mallopt(M_MMAP_THRESHOLD, 2 * WARM);
        mallopt(M_TRIM_THRESHOLD, 8 * WARM);
        h_free(h_malloc(WARM), WARM);
}

/* Blocks handed to whichever thread takes them next. */
static struct block *mailboxes[MAILBOXES];
static int handing;

/* Several times a ring full. */
static void busy(void) {
        struct block *slots[SLOTS] = { 0 };
        for (size_t i = 0; i < ROUNDS; i++) {
                struct block **slot = &slots[i * 37 % SLOTS];
                size_t bytes = 8 + i % 500;
                drop(*slot);
                *slot = sized(i % 3 ? h_malloc(bytes) : h_calloc(1, bytes), bytes);
                if (i % 7 == 0)
                        *slot = sized(h_realloc(*slot, bytes, bytes + 300), bytes + 300);
                if (handing && i % 4 == 0)
                        *slot = __atomic_exchange_n(&mailboxes[i * 7919 % MAILBOXES], *slot,
                                                    __ATOMIC_ACQ_REL);
        }
        for (size_t slot = 0; slot < SLOTS; slot++)
                drop(slots[slot]);
}

static void empty_mailboxes(void) {
        for (size_t i = 0; i < MAILBOXES; i++) {
                drop(mailboxes[i]);
                mailboxes[i] = NULL;
        }
}

/* 300 frames of more than half a KiB: deeper than anything before. */
static __attribute__((noinline)) void descend(int depth) {
        volatile char frame[512];
        frame[0] = (char)depth;
        if (depth == 0)
                h_malloc(64);
        else
                descend(depth - 1);
        sink += frame[0];
}

static void everything(void) {
        busy();
        descend(DEEP);
}

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define PASS(number)                                                                                         \
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define REFUSE(number)                                                                                       \
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 38)
#define OTHERS(verdict) BPF_STMT(BPF_RET | BPF_K, verdict)
#define FILTER(...)                                                                                          \
        {                                                                                                    \
                .len = sizeof((struct sock_filter[]){ __VA_ARGS__ }) / sizeof(struct sock_filter),           \
                .filter = (struct sock_filter[]) {                                                           \
                        __VA_ARGS__                                                                          \
                }                                                                                            \
        }

/* What the mode called strict lets through, and an exit. */
static const struct sock_fprog tight =
        FILTER(LOAD(nr), PASS(SYS_read), PASS(SYS_write), PASS(SYS_exit), PASS(SYS_exit_group),
               PASS(SYS_rt_sigreturn), OTHERS(SECCOMP_RET_KILL_PROCESS));
/* The same, but an exit dies as well. */
static const struct sock_fprog tightest =
        FILTER(LOAD(nr), PASS(SYS_write), PASS(SYS_exit), OTHERS(SECCOMP_RET_KILL_PROCESS));
/* What threads of libc need, and not one call of the tracer's that they do not. */
static const struct sock_fprog threaded =
        FILTER(LOAD(nr), PASS(SYS_write), PASS(SYS_exit), PASS(SYS_exit_group), PASS(SYS_rt_sigprocmask),
               PASS(SYS_mmap), PASS(SYS_munmap), PASS(SYS_mprotect), PASS(SYS_madvise), PASS(SYS_clone),
               PASS(SYS_clone3), PASS(SYS_futex), PASS(SYS_rseq), PASS(SYS_set_robust_list),
               PASS(SYS_getrandom), OTHERS(SECCOMP_RET_KILL_PROCESS));
/* What a child needs, and who it is. */
static const struct sock_fprog forking =
        FILTER(LOAD(nr), PASS(SYS_write), PASS(SYS_exit), PASS(SYS_exit_group), PASS(SYS_clone),
               PASS(SYS_wait4), PASS(SYS_set_robust_list), PASS(SYS_getpid), PASS(SYS_getppid),
               PASS(SYS_gettid), PASS(SYS_tgkill), PASS(SYS_prctl), OTHERS(SECCOMP_RET_KILL_PROCESS));
/* As most filters are: some calls are refused, and none of those that malloc needs. */
static const struct sock_fprog usual =
        FILTER(LOAD(arch), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
               OTHERS(SECCOMP_RET_KILL_PROCESS), LOAD(nr), REFUSE(SYS_ptrace), REFUSE(SYS_mount),
               REFUSE(SYS_reboot), OTHERS(SECCOMP_RET_ALLOW));

/* A program may be started, and start nothing itself. */
static const struct sock_fprog lonely = FILTER(LOAD(nr), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 1),
                                               OTHERS(SECCOMP_RET_KILL_PROCESS), OTHERS(SECCOMP_RET_ALLOW));

static int install(const struct sock_fprog *filter) {
        return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -1
                                                      : prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter);
}

static int install_by_syscall(const struct sock_fprog *filter, unsigned flags) {
        return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
                       ? -1
                       : (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, filter);
}

/* The one exit that strict mode knows ends the thread alone. */
static void leave(int code) {
        syscall(SYS_exit, code);
}

static void say_repeated(void) {
        h_say("heap repeated %d\n", DEEP);
}

static int strict(int how) {
        if (how ? syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, NULL)
                : prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT))
                return h_skip("this kernel has no strict seccomp");
        everything();
        return 0;
}

static int strict_and_leave(int by_syscall) {
        if (strict(by_syscall))
                return 77;
        h_report(H_ONE_THREAD | H_NO_STATE, "exited", 3);
        say_repeated();
        leave(3);
        return 98;
}

/* exit ends in a call that strict mode kills for. */
static int strict_and_exit(void) {
        if (strict(0))
                return 77;
        h_report(H_ONE_THREAD | H_NO_STATE, "signaled", SIGKILL);
        say_repeated();
        _exit(0);
}

static int filtered(const struct sock_fprog *filter, const char *end, int code) {
        if (install(filter))
                return h_skip("this kernel takes no seccomp filter");
        everything();
        h_report(H_ONE_THREAD | H_NO_STATE, end, code);
        say_repeated();
        _exit(0);
}

static void *work(void *unused) {
        everything();
        h_thread_done();
        return unused;
}

static void *work_strictly(void *unused) {
        h_free(h_malloc(WARM),
               WARM); /* the thread's own arena: a lock shared with others is a call as well */
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
        (void)work(unused);
        leave(0); /* what pthread_exit calls is not allowed */
        return NULL;
}

static void run_threads(int count, void *(*body)(void *), int with_main) {
        pthread_t threads[8];
        for (int i = 0; i < count; i++)
                if (pthread_create(&threads[i], NULL, i ? work : body, NULL))
                        h_say("no thread %d\n", i);
        if (with_main)
                everything();
        for (int i = 0; i < count; i++)
                pthread_join(threads[i], NULL);
}

/* One thread of several is in strict mode. */
static int strict_thread(void) {
        run_threads(4, work_strictly, 1);
        h_report(H_THREADS, "exited", 0);
        say_repeated();
        return 0;
}

static int filtered_threads(void) {
        run_threads(2, work, 0);
        if (install_by_syscall(&threaded, SECCOMP_FILTER_FLAG_TSYNC))
                return h_skip("this kernel takes no seccomp filter");
        handing = 1;
        run_threads(4, work, 1);
        empty_mailboxes();
        h_report(H_THREADS | H_NO_STATE, "exited", 0);
        say_repeated();
        _exit(0);
}

static int filtered_fork(void) {
        if (install_by_syscall(&forking, 0))
                return h_skip("this kernel takes no seccomp filter");
        everything();
        for (int i = 0; i < 3; i++) {
                pid_t child = fork();
                if (child == 0) {
                        h_forked();
                        everything();
                        h_report(H_ONE_THREAD | H_NO_STATE, "exited", 4);
                        _exit(4);
                }
                waitpid(child, NULL, 0);
        }
        h_report(H_ONE_THREAD | H_NO_STATE, "exited", 0);
        say_repeated();
        _exit(0);
}

/* Stacks that the tracer knows from before: those of coroutines and signals are met again after. */
static int filtered_usual(void) {
        if (install(&usual))
                return h_skip("this kernel takes no seccomp filter");
        errno = 0;
        h_say("refused: %ld errno %d\n", syscall(SYS_ptrace, 0, 0, 0, 0), errno);
        run_threads(4, work, 1);
        pid_t child = fork();
        if (child == 0) {
                h_forked();
                everything();
                h_report(H_ONE_THREAD, "exited", 4);
                exit(4);
        }
        waitpid(child, NULL, 0);
        h_report(H_THREADS, "exited", 0);
        say_repeated();
        return 0;
}

/* What the kernel refuses leaves everything as it was. */
static int refused(void) {
        struct sock_filter code[] = { { 0xffff, 1, 2, 3 } };
        const struct sock_fprog unreadable = { 10, (struct sock_filter *)8 }, invalid = { 1, code },
                                endless = { 65535, code }, none = { 0, code };
        const struct sock_fprog *filters[] = { NULL,        (void *)8, (void *)-1, (void *)-64,
                                               &unreadable, &invalid,  &endless,   &none };

        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
                errno = 0;
                h_say("filter %zu: %d", i, prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filters[i]));
                h_say(" errno %d,", errno);
                errno = 0;
                h_say(" %ld", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, filters[i]));
                h_say(" errno %d\n", errno);
        }
        errno = 0;
        h_say("strict with flags %ld", syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 1, NULL));
        h_say(" errno %d\n", errno);
        h_say("mode 9: %d, operation 99: %ld, option -1: %d, call 99999: %ld\n", prctl(PR_SET_SECCOMP, 9),
              syscall(SYS_seccomp, 99, 0, NULL), prctl(-1, 1, 2, 3, 4), syscall(99999L, 1, 2, 3, 4, 5, 6));
        everything();
        errno = 0;
        h_report(H_ONE_THREAD, "exited", 0);
        say_repeated();
        return 0;
}

/* Arguments in all places, the one on the stack too, and a call that returns twice. */
static int arguments(void) {
        char name[17] = "", given[] = "a name of 15 ch";
        prctl(PR_SET_NAME, given);
        prctl(PR_GET_NAME, name);
        h_say("name %s\n", name);
        prctl(PR_SET_NAME, "row30-sandbox");
        void *map = (void *)syscall(SYS_mmap, NULL, 8192L, PROT_READ | PROT_WRITE,
                                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 4096L * 0);
        h_say("six: %d", map != MAP_FAILED);
        errno = 0;
        h_say(" %ld", syscall(SYS_mmap, NULL, 8192L, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 1L));
        h_say(" errno %d\n", errno);
        h_say("by syscall: %ld %s\n", syscall(SYS_prctl, PR_GET_NAME, name, 0, 0, 0), name);
        errno = 0;
        h_say("five: %d", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 5));
        h_say(" errno %d\n", errno);
        for (int i = 0; i < 100; i++) {
                pid_t child = (pid_t)syscall(SYS_vfork);
                if (child == 0)
                        syscall(SYS_exit, 5);
                int status = 0;
                waitpid(child, &status, 0);
                if (WEXITSTATUS(status) != 5)
                        h_say("child %d\n", status);
        }
        everything();
        errno = 0;
        h_report(H_ONE_THREAD, "exited", 0);
        say_repeated();
        return 0;
}

static void *work_without_clock(void *unused) {
        prctl(PR_SET_TSC, PR_TSC_SIGSEGV);
        return work(unused);
}

/* Another program inherits a filter: what would die of it is not loaded there. */
static int filtered_exec(void) {
        if (install(&lonely))
                return h_skip("this kernel takes no seccomp filter");
        everything();
        execl("/bin/true", "true", (char *)NULL);
        return 98;
}

/* Without the TSC, in the first thread alone, in threads started there, in a child; and with it again. */
static int clockless(void) {
        if (prctl(PR_SET_TSC, PR_TSC_SIGSEGV))
                return h_skip("this processor's TSC cannot be disabled");
        everything();
        handing = 1;
        run_threads(3, work, 1);
        empty_mailboxes();
        pid_t child = fork();
        if (child == 0) {
                h_forked();
                everything();
                empty_mailboxes();
                h_report(H_ONE_THREAD, "exited", 4);
                exit(4);
        }
        waitpid(child, NULL, 0);
        prctl(PR_SET_TSC, PR_TSC_ENABLE);
        run_threads(2, work_without_clock, 1);
        empty_mailboxes();
        prctl(PR_SET_TSC, PR_TSC_SIGSEGV);
        h_report(H_THREADS, "exited", 0);
        say_repeated();
        return 0;
}

static int strict_by_prctl(void) {
        return strict_and_leave(0);
}

static int strict_by_syscall(void) {
        return strict_and_leave(1);
}

static int filtered_tight(void) {
        return filtered(&tight, "exited", 0);
}

static int filtered_tightest(void) {
        return filtered(&tightest, "signaled", SIGSYS);
}

int main(int argc, char **argv) {
        static const struct {
                const char *name;
                int (*run)(void);
        } ways[] = {
                { "strict", strict_by_prctl },      { "strict-syscall", strict_by_syscall },
                { "strict-exit", strict_and_exit }, { "strict-thread", strict_thread },
                { "tight", filtered_tight },        { "tightest", filtered_tightest },
                { "threads", filtered_threads },    { "fork", filtered_fork },
                { "usual", filtered_usual },        { "refused", refused },
                { "arguments", arguments },         { "clockless", clockless },
                { "exec", filtered_exec },
        };

        warm_heap();
        for (size_t i = 0; argc > 1 && i < sizeof ways / sizeof *ways; i++)
                if (!strcmp(argv[1], ways[i].name))
                        return ways[i].run();
        return 98;
}
