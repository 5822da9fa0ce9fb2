/*
 * Hooks that were jumped out of: see nesting.h. Not in the steady state: a handler nested in a hook comes
 * here, and the first hook after a jump.
 */
#include "tracer/nesting.h"

#define HOOK_SP_MASK ((UINT64_C(1) << NESTING_COUNT_SHIFT) - 1)

#define RECORDING_SPOILT UINT64_C(1) /* no hook's: the next one starts afresh */

static uint64_t recording_of(uintptr_t outermost, uint32_t nested) {
        return outermost | (uint64_t)nested << NESTING_COUNT_SHIFT;
}

/*
 * Publishes what is reserved from `from` on and was never written, as nothing. Only words of hooks that
 * will not go on: a hook that does has reserved before those nested in it began, or not at all yet.
 */
static void void_words(struct ring *ring, uint64_t from) {
        uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_acquire), head = ring->head, word;

        for (uint64_t position = from > tail ? from : tail; position < head; position++)
                if (!ring_get(ring, position, &word))
                        ring_put(ring, position, record_first(RECORD_VOID, 0, 0));
}

/* Keeps the outermost `standing` hooks and settles what the others left. */
static void settle(struct thread *thread, uint32_t standing) {
        void_words(&thread->ring, standing ? thread->nested[standing - 1].head : 0);
        if (standing == 0)
                atomic_store_explicit(&thread->ring.waiting, 0, memory_order_relaxed);
        walk_forget(&thread->walker, standing);
        atomic_signal_fence(memory_order_seq_cst);
}

struct walk_level *nesting_enter_nested(struct thread *thread, uintptr_t hook_sp) {
        const uint64_t recording = thread->recording;
        uint32_t count = (uint32_t)(recording >> NESTING_COUNT_SHIFT) + 1, standing;
        uintptr_t hooks[1 + NESTING_MAX] = { recording & HOOK_SP_MASK };

        for (uint32_t i = 1; i < count; i++)
                hooks[i] = thread->nested[i - 1].hook_sp;
        standing = walk_standing(&thread->walker, count, hook_sp, hooks);
        if (standing < count)
                settle(thread, standing);
        if (standing == 0) {
                thread->recording = hook_sp;
        } else if (standing <= NESTING_MAX) {
                thread->nested[standing - 1] = (struct nested){ hook_sp, thread->ring.head };
                /* The entry before the count: a handler in between sees a whole one. */
                atomic_signal_fence(memory_order_seq_cst);
                thread->recording = recording_of(hooks[0], standing);
        }
        atomic_signal_fence(memory_order_seq_cst);
        return walk_level(&thread->walker, standing);
}

/* The place of a hook: 0 outermost, then of `nested` + 1; NESTING_MAX + 1 when it is not known, or no more.
 */
static uint32_t place_of(const struct thread *thread, uintptr_t hook_sp) {
        const uint64_t recording = thread->recording;
        uint32_t at = (uint32_t)(recording >> NESTING_COUNT_SHIFT);

        while (at > 0 && thread->nested[at - 1].hook_sp != hook_sp)
                at--;
        return at > 0 || (recording & HOOK_SP_MASK) == hook_sp ? at : NESTING_MAX + 1;
}

uint32_t nesting_check_nested(struct thread *thread, uintptr_t hook_sp, struct walk_level *level,
                              uint32_t stack_id) {
        if (!level || place_of(thread, hook_sp) <= NESTING_MAX)
                return stack_id;
        /* What is kept there may be of both. Who has the level now, has it spoilt as well. */
        level->count = 0;
        if (thread->recording != 0)
                thread->recording = RECORDING_SPOILT;
        return 0;
}

void nesting_leave_nested(struct thread *thread, uintptr_t hook_sp) {
        uint32_t place = place_of(thread, hook_sp);

        if (place > NESTING_MAX)
                return;
        if (place < thread->recording >> NESTING_COUNT_SHIFT)
                settle(thread, place + 1);
        thread->recording = place ? recording_of(thread->recording & HOOK_SP_MASK, place - 1) : 0;
}

void nesting_abandon(struct thread *thread) {
        if (thread->recording == 0)
                return;
        settle(thread, 0);
        thread->recording = 0;
}
