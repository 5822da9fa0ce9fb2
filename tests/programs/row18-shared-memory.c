/*
 * A process that shares its creator's memory (clone with CLONE_VM alone) and outlives it: the memory is
 * what is traced, so all that is done in it is in one trace, which ends as the creator did. argv[1]: how that
 * goes away. A fork child of the one that is left has a trace of its own.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include "harness.h"

enum { BEFORE = 1000, AFTER = 50000 };

static char stack[256 << 10] __attribute__((aligned(16)));
static int alive[2]; /* its write end goes with the creator's program */
static const char *ending;
static volatile int is_ready;

static void pairs(int count) {
        for (int i = 0; i < count; i++)
                h_free(h_malloc((size_t)(1 + i % 500)), (size_t)(1 + i % 500));
}

static int guest(void *unused) {
        ssize_t got;
        pid_t child;
        char byte;

        (void)unused;
        close(alive[1]);
        pairs(BEFORE);
        h_malloc(77);
        is_ready = 1;
        got = read(alive[0], &byte, 1);
        usleep(got == 0 ? 100000 : 0); /* whoever watches the creator has seen it end */
        pairs(AFTER);
        child = fork();
        if (child == 0) {
                h_forked();
                for (int i = 0; i < 20; i++)
                        h_calloc(3, 33);
                h_report(H_ONE_THREAD, "exited", 5);
                _exit(5);
        }
        pairs(AFTER);
        waitpid(child, NULL, 0);
        h_malloc(78);
        h_report(H_ONE_THREAD, ending,
                 !strcmp(ending, "signaled") ? SIGKILL
                 : !strcmp(ending, "exited") ? 3
                                             : 0);
        usleep(100000); /* the block of its last events is written before anything tells that it ends */
        _exit(0);
}

int main(int argc, char **argv) {
        if (argc < 2) { /* what the creator becomes */
                h_malloc(4321);
                h_report(H_ONE_THREAD, "exited", 4);
                return 4;
        }
        ending = argv[1];
        h_malloc(1000);
        if (pipe2(alive, O_CLOEXEC) < 0 || clone(guest, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL) < 0)
                return 98;
        while (!is_ready) /* one at a time: they share a thread's storage too */
                sched_yield();
        if (!strcmp(ending, "signaled"))
                kill(getpid(), SIGKILL);
        if (!strcmp(ending, "exec"))
                execl("/proc/self/exe", argv[0], (char *)NULL);
        _exit(3);
}
