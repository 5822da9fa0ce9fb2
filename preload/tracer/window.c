/*
 * Probing for readable stack: see window.h.
 */
#include "tracer/window.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE UINT64_C(4096)
#define DOWNWARD_MAX (UINT64_C(1) << 20) /* a stack may have grown this far since last seen */
#define OWN_STACK_MAX (UINT64_C(64) << 20)
#define OWN_STACK_TRUSTED (UINT64_C(64) << 10) /* so near the known end it is the same stack */
#define UPWARD_STEP_MAX (UINT64_C(1) << 20)

/*
 * Whether the page of `address` can be read. The kernel copies the set before it looks at `how`:
 * EFAULT means unreadable, EINVAL that it was read; nothing is changed either way.
 */
static bool readable(uintptr_t address) {
        int saved = errno;
        long result = syscall(SYS_rt_sigprocmask, ~0, address & ~(PAGE - 1), NULL, sizeof(uint64_t));
        bool faulted = result < 0 && errno == EFAULT;

        errno = saved;
        return !faulted;
}

static bool readable_range(uintptr_t low, uintptr_t high) {
        for (uintptr_t at = low & ~(PAGE - 1); at < high; at += PAGE)
                if (!readable(at))
                        return false;
        return true;
}

static bool try_window(struct window *window, uintptr_t sp) {
        if (sp >= window->low && sp < window->high)
                return true;
        if (window->high == 0 || sp >= window->high || window->low - sp > DOWNWARD_MAX ||
            !readable_range(sp, window->low))
                return false;
        window->low = sp;
        return true;
}

void window_switch(struct windows *windows, uintptr_t sp, uintptr_t stack_end) {
        struct window fresh;

        if (try_window(&windows->current, sp))
                return;
        for (uint32_t i = 0; i < WINDOW_COUNT; i++) {
                struct window other = windows->others[i];

                if (!try_window(&other, sp))
                        continue;
                windows->others[i] = windows->current;
                windows->current = other;
                return;
        }
        fresh.low = sp;
        fresh.complete = sp < stack_end && stack_end - sp <= OWN_STACK_MAX &&
                         (stack_end - sp <= OWN_STACK_TRUSTED || readable_range(sp, stack_end));
        fresh.high = fresh.complete ? stack_end : (sp | (PAGE - 1)) + 1;
        windows->others[windows->next++ % WINDOW_COUNT] = windows->current;
        windows->current = fresh;
}

bool window_extend(struct windows *windows, uintptr_t address) {
        uintptr_t high = windows->current.high;

        if (windows->current.complete || address < high || address - high > UPWARD_STEP_MAX ||
            !readable_range(high, address))
                return false;
        windows->current.high = (address + PAGE - 1) & ~(PAGE - 1);
        return true;
}
