/*
 * Taking a ring: see thread.h. Runs at a thread's first event. Nothing runs at its end (there
 * is no destructor to be too early or too late): a taker looks for owners that are gone.
 */
#include "tracer/thread.h"

#include <errno.h>
#include <pthread.h>
#include <sys/syscall.h>

#include "session/calls.h"
#include "session/kernel.h"
#include "tracer/emit.h"
#include "tracer/nesting.h"
#include "tracer/sandbox.h"
#include "tracer/tracer.h"

#define SCAN_MAX 64u /* rings looked at for a dead owner before a new one is made */

#define NEWEST_WORDS (EMIT_UNTIMED_RUN * RECORD_WORDS_MAX)

/* Where the next taker starts to look; any value is right. */
static _Atomic uint32_t scan_from;

static struct ring *ring_at(uint32_t index) {
        uint32_t chunk = atomic_load_explicit(&tracer.process->rings[index], memory_order_acquire);

        return chunk == CHUNK_NONE ? NULL : session_chunk(tracer.session, chunk);
}

/* A thread that has this tid, or that the kernel no longer knows, will never write again. */
static bool owner_is_gone(uint32_t owner, uint32_t self) {
        return owner == self || sys_call6(SYS_tgkill, tracer.process->pid, owner, 0, 0, 0, 0) == -ESRCH;
}

static struct ring *ring_reuse(uint32_t self) {
        uint32_t count = atomic_load_explicit(&tracer.process->ring_count, memory_order_acquire);
        uint32_t from = atomic_load_explicit(&scan_from, memory_order_relaxed);

        for (uint32_t i = 0; i < count && i < SCAN_MAX; i++) {
                uint32_t index = (from + i) % count;
                struct ring *ring = ring_at(index);
                uint32_t owner = ring ? atomic_load_explicit(&ring->owner, memory_order_relaxed) : 0;

                if (owner == 0 || !owner_is_gone(owner, self))
                        continue;
                /* Acquire: the dead thread's private state is ours to read from here on. */
                if (atomic_compare_exchange_strong_explicit(&ring->owner, &owner, self, memory_order_acq_rel,
                                                            memory_order_relaxed)) {
                        atomic_store_explicit(&scan_from, index + 1, memory_order_relaxed);
                        return ring;
                }
        }
        atomic_store_explicit(&scan_from, from + SCAN_MAX, memory_order_relaxed);
        return NULL;
}

static struct ring *ring_new(uint32_t self) {
        uint32_t chunk = session_chunk_take(tracer.session), index, count, none;
        struct ring *ring;

        if (chunk == CHUNK_NONE)
                return NULL;
        /* Whole before anyone can see it; the first touch of its memory may take a while. */
        ring = session_chunk(tracer.session, chunk);
        ring->limit = RING_WORDS;
        atomic_store_explicit(&ring->owner, self, memory_order_relaxed);
        /* Entry first, count after: a thread that is preempted between the two leaves no entry that the
         * count covers and the collector cannot read, behind which it would not see the later rings.
         * Release pairs with ring_at and the collector's read of `rings`. */
        index = atomic_load_explicit(&tracer.process->ring_count, memory_order_relaxed);
        do {
                if (index >= PROCESS_RINGS) {
                        session_chunk_give(tracer.session, chunk);
                        return NULL;
                }
                none = CHUNK_NONE;
        } while (!atomic_compare_exchange_strong_explicit(&tracer.process->rings[index++], &none, chunk,
                                                          memory_order_acq_rel, memory_order_relaxed));
        count = atomic_load_explicit(&tracer.process->ring_count, memory_order_relaxed);
        while (count < index &&
               !atomic_compare_exchange_weak_explicit(&tracer.process->ring_count, &count, index,
                                                      memory_order_acq_rel, memory_order_relaxed))
                ;
        return ring;
}

/*
 * The end of this thread's own stack, as far as it can be known without asking anybody: the
 * kernel's strings lie at the end of the first thread's, glibc's thread descriptor at that of others.
 */
static uintptr_t stack_end(uintptr_t sp) {
        uintptr_t descriptor = (uintptr_t)pthread_self(), strings = window_first_stack_end();

        if (descriptor > sp && (strings < sp || descriptor < strings))
                return descriptor;
        return strings;
}

/* The time of the newest timed record in a ring; 0 when there is none near its head. */
static uint64_t newest_time(struct ring *ring) {
        uint64_t head = __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE);

        for (uint64_t back = 1; back <= NEWEST_WORDS && back <= head; back++) {
                uint64_t first, time;

                if (ring_get(ring, head - back, &first) && (first & RECORD_FIRST) && (first & RECORD_TIMED) &&
                    record_words(first) <= back &&
                    ring_get(ring, head - back + record_words(first) - 1, &time))
                        return time;
        }
        return 0;
}

uint64_t thread_time_without_clock(void) {
        uint32_t count = atomic_load_explicit(&tracer.process->ring_count, memory_order_acquire);
        uint64_t newest = atomic_load_explicit(&tracer.session->heartbeat, memory_order_relaxed);

        for (uint32_t i = 0; i < count; i++) {
                struct ring *ring = ring_at(i);
                uint64_t time = ring ? newest_time(ring) : 0;

                if (time > newest)
                        newest = time;
        }
        return newest + 1;
}

struct thread *thread_take(void) {
        int saved = errno;
        uint32_t self = 0;
        struct ring *ring;
        struct thread *thread;
        uintptr_t hook_sp;

        /* A vfork child runs on its parent thread's storage, which keeps the ring when the child is gone:
         * so the ring is not the child's, and nobody's to take over. Nor is one of a thread that may not ask
         * who it is. */
        if (calls_allow(CALL_WHO) && (uint32_t)sys_call6(SYS_getpid, 0, 0, 0, 0, 0, 0) == tracer.process->pid)
                self = (uint32_t)sys_call6(SYS_gettid, 0, 0, 0, 0, 0, 0);
        if ((int32_t)self < 0)
                self = 0;
        sandbox_inherit();
        ring = self ? ring_reuse(self) : NULL;
        if (!ring)
                ring = ring_new(self);
        errno = saved;
        thread = (struct thread *)ring;
        if (!thread)
                return NULL;
        /* Its last thread ended in a handler, or jumped out from here. */
        nesting_abandon(thread);
        thread->timed = false;
        thread->untimed_left = 1;
        thread->array_address = 0;
        walk_reset(&thread->walker, tracer.session, tracer.process,
                   stack_end((uintptr_t)__builtin_frame_address(0)));
        hook_sp = (uintptr_t)__builtin_frame_address(0);
        nesting_begin(thread, hook_sp);
        emit_thread(thread, self ? self : tracer.process->pid);
        nesting_leave(thread, hook_sp);
        return thread;
}
