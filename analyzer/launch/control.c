/*
 * See control.h.
 */
#include "launch/control.h"

#include "base/message.h"
#include "launch/control_find.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/futex.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ERRNOS 4096 /* none is greater, so what is was never one */
#define STEP_NS 20000000L
#define PATIENCE_NS UINT64_C(3000000000)

static uint64_t now_ns(void) {
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* One asks at a time; who is killed meanwhile leaves no lock. */
static int take_turn(const struct control *control) {
        const struct timespec step = { .tv_nsec = STEP_NS };

        while (flock(control->fd, LOCK_EX | LOCK_NB) < 0) {
                if (now_ns() >= control->deadline_ns) {
                        message("ctl: another memtrace ctl keeps collector %" PRIu32 " busy",
                                control->collector);
                        return -EBUSY;
                }
                (void)nanosleep(&step, NULL);
        }
        return 0;
}

int control_open(uint32_t pid, struct control *control) {
        int result = control_find(pid, control);

        control->deadline_ns = now_ns() + PATIENCE_NS;
        return result == 0 ? take_turn(control) : result;
}

void control_close(struct control *control) {
        if (control->page)
                (void)munmap(control->page, MTR_CONTROL_BYTES);
        if (control->fd >= 0)
                (void)close(control->fd);
        control->page = NULL;
        control->fd = -1;
}

/* Until the state is another than `asked`: 0, or -ETIMEDOUT, or -EPIPE where nobody is there to answer. */
static int wait_answer(const struct control *control, uint32_t asked) {
        const struct timespec step = { .tv_nsec = STEP_NS };
        struct mtr_control *page = control->page;

        /* Acquire pairs with the collector's release: the answer is there. */
        while (atomic_load_explicit(&page->state, memory_order_acquire) == asked) {
                if (access(control->path, F_OK) < 0)
                        return -EPIPE;
                if (now_ns() >= control->deadline_ns)
                        return -ETIMEDOUT;
                (void)syscall(SYS_futex, &page->state, FUTEX_WAIT, asked, &step, NULL, 0);
        }
        return 0;
}

/* A state's next round, in which nobody has asked or somebody has. */
static uint32_t round_after(uint32_t state, enum mtr_control_state next) {
        return (state / MTR_CONTROL_ROUND + 1) * MTR_CONTROL_ROUND | next;
}

static int ask(struct control *control, enum mtr_control_verb verb, const char *name) {
        struct mtr_control *page = control->page;
        uint32_t state = atomic_load_explicit(&page->state, memory_order_relaxed);
        int result = 0;

        /* What one who was killed had asked is answered first. */
        if ((state & MTR_CONTROL_STATE) == MTR_CONTROL_ASKED)
                result = wait_answer(control, state);
        if (result < 0)
                return result;
        page->pid = control->pid_there;
        page->verb = verb;
        memset(page->name, 0, sizeof(page->name));
        if (name)
                memcpy(page->name, name, strnlen(name, MTR_CONTROL_NAME_MAX));
        state = round_after(state, MTR_CONTROL_ASKED);
        /* Release pairs with the collector's acquire: the request is there. */
        atomic_store_explicit(&page->state, state, memory_order_release);
        result = wait_answer(control, state);
        /* Taken back, unless the answer has come. Acquire as above. */
        if (result < 0 && !atomic_compare_exchange_strong_explicit(
                                  &page->state, &state, round_after(state, MTR_CONTROL_IDLE),
                                  memory_order_acquire, memory_order_acquire))
                result = 0;
        return result;
}

static void say_why(const struct control *control, int result) {
        const uint32_t pid = control->pid;

        if ((result == -ESRCH || result == -EPIPE) && control_has_ended(pid))
                message("ctl: process %" PRIu32 " has ended", pid);
        else if (result == -ESRCH)
                message("ctl: process %" PRIu32 " was forked by one that is traced, and has recorded nothing "
                        "since, or is not followed",
                        pid);
        else if (result == -EPIPE)
                message("ctl: process %" PRIu32 " is not traced any more: its collector is gone", pid);
        else if (result == -ETIMEDOUT)
                message("ctl: no answer within 3 s: is collector %" PRIu32 " stopped?", control->collector);
        else if (result == -EOPNOTSUPP)
                message("ctl: process %" PRIu32 " has an allocator of its own: its heap is not seen, and "
                        "there is nothing to start or stop",
                        pid);
        else
                message("ctl: the collector could not: %s",
                        strerror(result < 0 && result > -ERRNOS ? -result : EIO));
}

int control_ask(struct control *control, enum mtr_control_verb verb, const char *name,
                struct mtr_control_stats *stats) {
        int result = ask(control, verb, name);

        if (result == 0)
                result = control->page->result;
        *stats = control->page->stats;
        if (result != 0)
                say_why(control, result);
        return result == 0 ? 0 : -EIO;
}
