/*
 * memtrace.h's functions that name something: a moment, a part of the run, a thread. A name goes through the
 * calling thread's ring as it is, so there is no table of names that could be full, and a mark stands between
 * just those events of its thread that it was set between.
 *
 * Run in any thread of the program, also in a signal handler. Must not: print, change errno, or allocate.
 */
#include "tracer/emit.h"
#include "tracer/hook.h"
#include "tracer/name.h"
#include "tracer/nesting.h"
#include "tracer/tracer.h"

void memtrace_v1_mark(const char *name);
void memtrace_v1_snapshot(const char *name);
void memtrace_v1_scope_begin(const char *name);
void memtrace_v1_scope_end(const char *name);
void memtrace_v1_thread_name(const char *name);

static uint64_t name_word(const struct name *name, uint32_t from) {
        uint64_t word = 0;

        for (uint32_t i = 0; i < RECORD_NAME_WORD_BYTES && from + i < name->length; i++)
                word |= (uint64_t)name_byte(name, from + i) << 8 * i;
        return word;
}

static void emit_name(struct thread *thread, enum record_name kind, const struct name *name) {
        const uint64_t first = record_first(RECORD_NAME, kind, name->length) | RECORD_SIZED | RECORD_TIMED;
        struct ring *ring = &thread->ring;
        uint64_t position, time;

        if (ring->head + RING_MARGIN_WORDS > ring->limit && !emit_room_slow(thread, RING_MARGIN_WORDS))
                return;
        position = ring_reserve(ring, record_words(first));
        /* The clock is read between reserving and publishing: see ring.h. */
        time = emit_time() & RECORD_PAYLOAD_MASK;
        ring_put(ring, position, first);
        for (uint32_t from = 0; from < name->length; from += RECORD_NAME_WORD_BYTES)
                ring_put(ring, ++position, name_word(name, from));
        ring_put(ring, ++position, time);
}

/* The frame address has to be the hook's own: see nesting.h. */
static inline __attribute__((always_inline)) void tell(enum record_name kind, const char *text) {
        const uintptr_t hook_sp = (uintptr_t)__builtin_frame_address(0);
        const struct name name = name_of(text);
        struct thread *thread;

        if (name.length == 0 || (thread = tracer_thread_for(TRACER_WORD)) == NULL)
                return;
        (void)nesting_enter(thread, hook_sp);
        emit_name(thread, kind, &name);
        nesting_leave(thread, hook_sp);
}

HOOK void memtrace_v1_mark(const char *name) {
        tell(RECORD_NAME_MARK, name);
}

HOOK void memtrace_v1_snapshot(const char *name) {
        tell(RECORD_NAME_SNAPSHOT, name);
}

HOOK void memtrace_v1_scope_begin(const char *name) {
        tell(RECORD_NAME_SCOPE_BEGIN, name);
}

HOOK void memtrace_v1_scope_end(const char *name) {
        tell(RECORD_NAME_SCOPE_END, name);
}

HOOK void memtrace_v1_thread_name(const char *name) {
        tell(RECORD_NAME_THREAD, name);
}
