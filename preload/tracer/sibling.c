/*
 * The collector's process: see sibling.h. What it does there is collector_run's.
 */
#include "tracer/sibling.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session/clock.h"
#include "session/collector_entry.h"
#include "tracer/gate.h"
#include "tracer/pulse.h"
#include "tracer/tracer.h"

#define START_TIMEOUT_NS UINT64_C(10000000000)
#define STACK_BYTES ((size_t)256 << 10)
#define WAIT_STEP_NS UINT64_C(20000000)

static int collector_main(void *session) {
        gate_bar();
        collector_run(session);
}

/* Forks the collector, onto a stack of its own: ours may be a small thread's, or a signal's. */
static pid_t spawn(struct session *session) {
        char *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        pid_t collector;

        if (stack == MAP_FAILED)
                return -1;
        collector = clone(collector_main, stack + STACK_BYTES, 0, session);
        (void)munmap(stack, STACK_BYTES);
        return collector;
}

/* An orphan of ours would come back to us as an ordinary child, and wait() would never end. */
static bool adopts_orphans(void) {
        int subreaper = 0;

        return syscall(SYS_getpid) == 1 || (prctl(PR_GET_CHILD_SUBREAPER, &subreaper) == 0 && subreaper);
}

/*
 * The collector as the child of a child, so that the program never has one to wait for; where that cannot
 * be, as a child that wait() passes over without __WALL. No exit signal in either case: the program must not
 * see a SIGCHLD it did not cause. Returns 0 or an errno.
 */
static int fork_away(struct session *session) {
        int status = 0, error = 0;
        pid_t child;

        if (adopts_orphans()) {
                error = spawn(session) < 0 ? errno : 0;
        } else {
                child = (pid_t)syscall(SYS_clone, 0, NULL, NULL, NULL, NULL);
                if (child == 0)
                        syscall(SYS_exit_group, spawn(session) < 0 ? errno : 0);
                if (child < 0)
                        error = errno;
                else
                        while (waitpid(child, &status, __WALL) < 0 && errno == EINTR)
                                ;
                if (!error)
                        error = WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
        }
        return error;
}

bool sibling_start(struct session *session) {
        int error = fork_away(session);
        uint64_t start = clock_monotonic_ns();
        uint32_t status;

        if (error) {
                tracer_say("cannot start the collector: ", strerrordesc_np(error),
                           "; the program runs untraced", NULL);
                return false;
        }
        /* Acquire pairs with the collector's release: its answer is whole. */
        while ((status = atomic_load_explicit(&session->status, memory_order_acquire)) == SESSION_STARTING) {
                if (session_is_orphaned(session) || clock_monotonic_ns() - start > START_TIMEOUT_NS) {
                        atomic_store_explicit(&session->abandoned, 1, memory_order_relaxed);
                        tracer_say("the collector did not start; the program runs untraced", NULL);
                        return false;
                }
                session_futex_wait(&session->status, SESSION_STARTING, WAIT_STEP_NS);
        }
        if (status == SESSION_READY)
                return true;
        tracer_say(session->status_text, "; the program runs untraced", NULL);
        return false;
}

bool sibling_wait_for(struct session *session, _Atomic uint32_t *word, uint32_t wanted) {
        struct pulse pulse = pulse_begin(session);
        uint32_t value;

        /* Acquire pairs with the collector's release of what the word stands for. */
        while ((int32_t)((value = atomic_load_explicit(word, memory_order_acquire)) - wanted) < 0) {
                if (session_is_orphaned(session) || pulse_has_stopped(&pulse, session, WAIT_STEP_NS))
                        return false;
                session_futex_wait(word, value, WAIT_STEP_NS);
        }
        return true;
}
