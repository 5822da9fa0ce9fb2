/*
 * Probing for readable stack: see window.h.
 */
#include "tracer/window.h"

#include <errno.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/syscall.h>

#include "session/calls.h"
#include "session/kernel.h"

#define PAGE UINT64_C(4096)
#define DOWNWARD_MAX (UINT64_C(1) << 20) /* a stack may have grown this far since last seen */
#define OWN_STACK_MAX (UINT64_C(64) << 20)
#define OWN_STACK_CERTAIN (UINT64_C(8) << 10)  /* no stack is smaller: so near the end it is the same one */
#define OWN_STACK_TRUSTED (UINT64_C(64) << 10) /* and so near it hardly is another */
#define UPWARD_STEP_MAX (UINT64_C(1) << 20)

uintptr_t window_first_stack_end(void) {
        return getauxval(AT_RANDOM) & ~UINT64_C(7);
}

/*
 * Whether the page of `address` can be read. The kernel copies the set before it looks at `how`:
 * EFAULT means unreadable, EINVAL that it was read; nothing is changed either way.
 */
static bool readable(uintptr_t address) {
        return sys_call6(SYS_rt_sigprocmask, ~0, (long)(address & ~(PAGE - 1)), 0, sizeof(uint64_t), 0, 0) !=
               -EFAULT;
}

bool window_readable(uintptr_t low, uintptr_t high) {
        /* No set at the first page is no set: the kernel does not read it. */
        if (!calls_allow(CALL_PROBE) || low < PAGE || high < low)
                return false;
        for (uintptr_t at = low & ~(PAGE - 1); at < high; at += PAGE)
                if (!readable(at))
                        return false;
        return true;
}

/*
 * Whether all from `sp` up to `known` is the stack that ends at `end`, where it cannot be probed. The kernel
 * keeps 128 MiB below the end of the first thread's free of mappings; other stacks may have anything below.
 */
static bool is_same_stack(uintptr_t sp, uintptr_t known, uintptr_t end) {
        return known - sp <= (end == window_first_stack_end() ? OWN_STACK_MAX : OWN_STACK_TRUSTED);
}

static bool reaches_down(const struct window *window, uintptr_t sp) {
        if (calls_allow(CALL_PROBE))
                return window->low - sp <= DOWNWARD_MAX && window_readable(sp, window->low);
        return window->complete && is_same_stack(sp, window->low, window->high);
}

static bool try_window(struct window *window, uintptr_t sp) {
        if (sp >= window->low && sp < window->high)
                return true;
        if (window->high == 0 || sp >= window->high || !reaches_down(window, sp))
                return false;
        window->low = sp;
        return true;
}

void window_switch(struct windows *windows, uintptr_t sp, uintptr_t stack_end) {
        struct window fresh;

        if (try_window(&windows->current, sp))
                return;
        for (uint32_t i = 0; windows->others && i < WINDOW_COUNT; i++) {
                struct window other = windows->others[i];

                if (!try_window(&other, sp))
                        continue;
                windows->others[i] = windows->current;
                windows->current = other;
                return;
        }
        fresh.low = sp;
        fresh.complete = sp < stack_end && stack_end - sp <= OWN_STACK_MAX &&
                         (stack_end - sp <= OWN_STACK_CERTAIN || window_readable(sp, stack_end) ||
                          (!calls_allow(CALL_PROBE) && is_same_stack(sp, stack_end, stack_end)));
        fresh.high = fresh.complete ? stack_end : (sp | (PAGE - 1)) + 1;
        if (windows->others)
                windows->others[windows->next++ % WINDOW_COUNT] = windows->current;
        windows->current = fresh;
}

bool window_extend(struct windows *windows, uintptr_t address) {
        uintptr_t high = windows->current.high;

        if (windows->current.complete || address < high || address - high > UPWARD_STEP_MAX ||
            !window_readable(high, address))
                return false;
        windows->current.high = (address + PAGE - 1) & ~(PAGE - 1);
        return true;
}
