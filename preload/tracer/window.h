/*
 * Which memory around a stack pointer a walk may read: from the pointer up to the end of the
 * stack it is on. The thread's own stack is known; any other (signal stacks, coroutines) is
 * probed page by page as walks need it, so a stack smashed or ended early gives a short
 * backtrace and never a fault. Where probing is forbidden (session/calls.h), what is not the thread's own
 * stack is read to the end of the page. Private to one thread; a handler nested in an update finds the window
 * closed and opens one of its own.
 */
#ifndef MEMTRACE_TRACER_WINDOW_H
#define MEMTRACE_TRACER_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#define WINDOW_COUNT 4u

struct window {
        uintptr_t low;  /* every address in low..high is mapped and readable */
        uintptr_t high; /* 0: closed */
        bool complete;  /* `high` is the stack's known end: probing further is pointless */
};

struct windows {
        struct window current;
        struct window *others; /* WINDOW_COUNT of stacks left, to come back to; NULL: they are forgotten */
        uint32_t next;         /* of `others`, the one to overwrite */
};

static inline bool window_covers(const struct windows *windows, uintptr_t sp) {
        return sp >= windows->current.low && sp < windows->current.high;
}

/* The end of the first thread's stack, near enough: the kernel's strings lie there. */
uintptr_t window_first_stack_end(void);

/* Whether all pages of a range can be read; false where that cannot be asked. Syscalls, errno kept. */
bool window_readable(uintptr_t low, uintptr_t high);

/*
 * Make `current` the window of the stack that `sp` is on. `stack_end`: the end of the thread's
 * own stack, 0 when unknown. Syscalls, errno kept.
 */
void window_switch(struct windows *windows, uintptr_t sp, uintptr_t stack_end);

/* Try to make `current` reach `address` (exclusive end). Syscalls, errno kept. */
bool window_extend(struct windows *windows, uintptr_t address);

#endif
