/*
 * Processes made past glibc's fork: _Fork, the system calls, clone with and without the creator's memory. One
 * that has memory of its own has a trace of its own; what is done in the creator's memory is the creator's.
 */
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "harness.h"

static char stack[256 << 10] __attribute__((aligned(16)));
static char *self;

static void join(const char *how, pid_t child) {
        int status = 0;

        waitpid(child, &status, __WALL);
        h_say("%s: status %x\n", how, status);
        h_free(h_malloc(300), 300);
}

/* A child with memory of its own. */
static int own(void *code) {
        h_forked();
        for (int i = 0; i < 50 + *(int *)code; i++)
                h_malloc(100);
        h_free(h_malloc(7), 7);
        h_report(H_ONE_THREAD, "exited", *(int *)code);
        _exit(*(int *)code);
}

/* In the creator's memory, while that waits. */
static int lodger(void *execs) {
        h_free(h_malloc(55), 55);
        h_malloc(56);
        if (execs)
                execl(self, self, "leaf", (char *)NULL);
        _exit(6);
}

static void try_own(const char *how, pid_t child, int code) {
        if (child == 0)
                own(&code);
        join(how, child);
}

int main(int argc, char **argv) {
        struct clone_args arguments = { .exit_signal = SIGCHLD };
        int code = 5;
        pid_t child;

        if (argc > 1) {
                h_malloc(4321);
                h_report(H_ONE_THREAD, "exited", 9);
                return 9;
        }
        self = argv[0];
        h_malloc(1000);
        try_own("_Fork", _Fork(), 1);
        try_own("fork(2)", (pid_t)syscall(SYS_fork), 2);
        try_own("clone(2)", (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0), 3);
        try_own("clone3(2)", (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments), 4);
        join("clone", clone(own, stack + sizeof stack, SIGCHLD, &code));

        join("its memory", clone(lodger, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL));
        join("as vfork", clone(lodger, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL));
        join("as vfork, execs", clone(lodger, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, self));
        child = vfork();
        if (child == 0)
                lodger(self);
        join("vfork, execs", child);
        h_report(H_ONE_THREAD, "exited", 0);
        return 0;
}
