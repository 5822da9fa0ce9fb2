/*
 * memtrace.h's functions that ask: how much is held, what the tracer takes, where a block comes from. The
 * program counts nothing for that: the collector knows, and answers as of the moment of the call.
 *
 * Run in any thread of the program, also in a signal handler. Must not: print, change errno, or allocate.
 */
#include <stddef.h>

#include "tracer/ask.h"
#include "tracer/emit.h"
#include "tracer/hook.h"
#include "tracer/nesting.h"
#include "tracer/tracer.h"

bool memtrace_v1_get_traced_memory(size_t *current, size_t *peak);
void memtrace_v1_reset_peak(void);
void memtrace_v1_clear(void);
size_t memtrace_v1_get_overhead(void);
size_t memtrace_v1_object_traceback(const void *object, void **frames, size_t frames_max);

/* The frame address has to be the hook's own: see nesting.h. False where nothing is recorded. */
static inline __attribute__((always_inline)) bool tell(enum record_ask kind, const void *object,
                                                       uint64_t name) {
        const uintptr_t hook_sp = (uintptr_t)__builtin_frame_address(0);
        struct thread *thread = tracer_thread_for(TRACER_WORD);

        if (!thread)
                return false;
        (void)nesting_enter(thread, hook_sp);
        emit_ask(thread, kind, (uintptr_t)object, name);
        nesting_leave(thread, hook_sp);
        return true;
}

static inline __attribute__((always_inline)) bool ask(enum record_ask kind, const void *object,
                                                      uint64_t answers[QUESTION_ANSWERS]) {
        /* First, because it gives the process its entry, where the places for answers are. */
        uint64_t name = tracer_thread_for(TRACER_WORD) ? ask_begin() : 0;

        return name != 0 && tell(kind, object, name) && ask_end(name, answers);
}

HOOK bool memtrace_v1_get_traced_memory(size_t *current, size_t *peak) {
        uint64_t answers[QUESTION_ANSWERS] = { 0 };
        /* Asked first: that starts the tracer where nothing did. */
        bool known = ask(RECORD_ASK_MEMORY, NULL, answers) && !tracer.blind;

        if (current)
                *current = known ? answers[0] : 0;
        if (peak)
                *peak = known ? answers[1] : 0;
        return known;
}

HOOK void memtrace_v1_reset_peak(void) {
        (void)tell(RECORD_ASK_RESET_PEAK, NULL, 0);
}

HOOK void memtrace_v1_clear(void) {
        (void)tell(RECORD_ASK_CLEAR, NULL, 0);
}

HOOK size_t memtrace_v1_get_overhead(void) {
        uint64_t answers[QUESTION_ANSWERS];

        return ask(RECORD_ASK_OVERHEAD, NULL, answers) ? answers[0] : 0;
}

HOOK size_t memtrace_v1_object_traceback(const void *object, void **frames, size_t frames_max) {
        struct stack_table *stacks;
        uint64_t answers[QUESTION_ANSWERS];
        size_t count = 0;
        uint32_t id;

        if (!object || frames_max == 0 || !ask(RECORD_ASK_STACK, object, answers))
                return 0;
        stacks = &tracer.process->stacks;
        for (id = (uint32_t)answers[0]; id != 0 && count < frames_max; count++) {
                const struct stack_node *node = stack_table_node(tracer.session, stacks, id);

                frames[count] = (void *)(uintptr_t)(node->frame & STACK_FRAME_ADDRESS_MASK);
                id = node->parent;
        }
        return count;
}
