/*
 * Which hooks of a thread are recording: one, and those of signal handlers nested in it. A handler may
 * leave by siglongjmp, and its interrupted hook never goes on: the next hook that is not nested in it
 * sees that, and settles what it left, so that nothing waits for what will never come.
 *
 * Runs in the thread itself and the handlers nested in it. No lock; a syscall only in a nested hook
 * (window.h).
 */
#ifndef MEMTRACE_TRACER_NESTING_H
#define MEMTRACE_TRACER_NESTING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "tracer/thread.h"

/* Addresses have 48 bits at most: above, `recording` counts the hooks nested in the outermost. */
#define NESTING_COUNT_SHIFT 48

/* nesting_enter where another hook is recording, or was jumped out of. */
struct walk_level *nesting_enter_nested(struct thread *thread, uintptr_t hook_sp);

/* nesting_check where the hook is nested, or has lost its level. */
uint32_t nesting_check_nested(struct thread *thread, uintptr_t hook_sp, struct walk_level *level,
                              uint32_t stack_id);

/* nesting_leave of a hook that was nested, or that left some behind. */
void nesting_leave_nested(struct thread *thread, uintptr_t hook_sp);

/* Settles what every hook that was recording left: none will go on. */
void nesting_abandon(struct thread *thread);

/* The outermost hook begins to record. */
static inline __attribute__((always_inline)) void nesting_begin(struct thread *thread, uintptr_t hook_sp) {
        thread->recording = hook_sp;
        atomic_signal_fence(memory_order_seq_cst);
}

/* The hook whose frame address is `hook_sp` begins to record. Returns its level of the walker, or NULL. */
static inline __attribute__((always_inline)) struct walk_level *nesting_enter(struct thread *thread,
                                                                              uintptr_t hook_sp) {
        if (__builtin_expect(thread->recording != 0, 0))
                return nesting_enter_nested(thread, hook_sp);
        nesting_begin(thread, hook_sp);
        return &thread->walker.levels[0];
}

/*
 * The stack that the hook has walked, 0 if its level was given away meanwhile: a handler had switched to
 * another coroutine, where the hook seemed to be gone.
 */
static inline __attribute__((always_inline)) uint32_t
nesting_check(struct thread *thread, uintptr_t hook_sp, struct walk_level *level, uint32_t stack_id) {
        return __builtin_expect(thread->recording == hook_sp, 1)
                       ? stack_id
                       : nesting_check_nested(thread, hook_sp, level, stack_id);
}

static inline __attribute__((always_inline)) void nesting_leave(struct thread *thread, uintptr_t hook_sp) {
        atomic_signal_fence(memory_order_seq_cst);
        if (__builtin_expect(thread->recording == hook_sp, 1))
                thread->recording = 0;
        else
                nesting_leave_nested(thread, hook_sp);
}

/* True in a hook that others wait for: a record of theirs may be reserved and not yet written. */
static inline bool nesting_is_nested(const struct thread *thread) {
        return thread->recording >> NESTING_COUNT_SHIFT != 0;
}

#endif
