/*
 * What a hook that gives or takes a block does with the calling thread's ring: backtrace and record.
 *
 * Inlined into the hook, whose own frame address both need (nesting.h). Must not: decide what is recorded.
 */
#ifndef MEMTRACE_TRACER_HOOK_RECORD_H
#define MEMTRACE_TRACER_HOOK_RECORD_H

#include "tracer/emit.h"
#include "tracer/nesting.h"
#include "tracer/tracer.h"
#include "tracer/walk_libunwind.h"

/* A block of `size` bytes, by a first word whose op has a stack: that of the caller of the hook at `hook_sp`.
 * The address comes into that word last, so that the hook keeps less on the program's stack. */
static inline __attribute__((always_inline)) void
hook_record_block(struct thread *thread, uint64_t first, const void *block, size_t size, uintptr_t hook_sp) {
        uint32_t unloads = atomic_load_explicit(&tracer.unloads, memory_order_relaxed);
        struct walk_level *level = nesting_enter(thread, hook_sp);
        uint32_t stack_id = __builtin_expect(tracer.libunwind, 0)
                                    ? walk_libunwind(&thread->walker, level, hook_sp)
                                    : walk_backtrace(&thread->walker, level, hook_sp, unloads);

        stack_id = nesting_check(thread, hook_sp, level, stack_id);
        emit_block(thread, first, (uintptr_t)block, size, stack_id);
        nesting_leave(thread, hook_sp);
}

/* An op that only has an address. */
static inline __attribute__((always_inline)) void hook_record_address(struct thread *thread, uint64_t first,
                                                                      const void *block) {
        uintptr_t hook_sp = (uintptr_t)__builtin_frame_address(0);

        (void)nesting_enter(thread, hook_sp);
        emit_address(thread, first, (uintptr_t)block);
        nesting_leave(thread, hook_sp);
}

#endif
