/*
 * A full ring: see emit.h. Runs in the thread that found it full; never holds it for longer
 * than it takes to notice that the collector is gone.
 */
#include "tracer/emit.h"

#include "session/calls.h"
#include "tracer/nesting.h"
#include "tracer/pulse.h"

#define WAIT_NS UINT64_C(1000000)
#define STUCK_NS UINT64_C(10000000) /* after this, see whether it waits for ourselves */

uint64_t emit_time_slow(void) {
        return calls_allow(CALL_CLOCK) ? session_time(tracer.session->clock) : thread_time_without_clock();
}

/* Room for half a ring, so that a thread that outruns the collector waits rarely. */
static bool has_room(struct ring *ring, uint64_t margin_words) {
        /* Acquire pairs with the collector's release: it has read what we are about to overwrite. */
        uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_acquire);

        ring->limit = tail + RING_WORDS;
        return ring->head + margin_words <= ring->limit;
}

/* A record under this handler that is reserved and cannot be finished before we return. */
static bool waits_for_us(struct ring *ring) {
        uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_acquire), word;

        for (uint64_t position = tail; position < ring->head; position++)
                if (!ring_get(ring, position, &word))
                        return true;
        return false;
}

static bool lose(struct ring *ring) {
        if (!atomic_load_explicit(&tracer.session->dropped, memory_order_relaxed))
                atomic_store_explicit(&tracer.session->dropped, 1, memory_order_relaxed);
        atomic_fetch_add_explicit(&ring->dropped, 1, memory_order_relaxed);
        return false;
}

bool emit_room_slow(struct thread *thread, uint64_t margin_words) {
        struct ring *ring = &thread->ring;
        struct session *session = tracer.session;
        struct pulse pulse;
        uint64_t start;

        tracer_obey();
        if (has_room(ring, margin_words))
                return true;
        if (session->options.overflow == OVERFLOW_DROP || session_is_stopped(session))
                return lose(ring);
        /* The collector is usually at it already. */
        for (uint32_t i = 0; i < SESSION_SPINS; i++) {
                __builtin_ia32_pause();
                if (has_room(ring, RING_WORDS / 2))
                        return true;
        }
        pulse = pulse_begin(session);
        start = pulse.now_ns;
        session_wake(session);
        for (;;) {
                uint32_t expected = atomic_load_explicit(&ring->tail_futex, memory_order_relaxed);

                /* seq_cst pairs with the collector's: either it sees us waiting, or we see its tail. */
                atomic_store_explicit(&ring->waiting, 1, memory_order_seq_cst);
                atomic_thread_fence(memory_order_seq_cst);
                if (!has_room(ring, RING_WORDS / 2))
                        session_futex_wait(&ring->tail_futex, expected, WAIT_NS);
                atomic_store_explicit(&ring->waiting, 0, memory_order_relaxed);
                if (has_room(ring, RING_WORDS / 4))
                        return true;
                if (session_is_orphaned(session)) {
                        tracer_give_up();
                        return lose(ring);
                }
                if (pulse_has_stopped(&pulse, session, WAIT_NS)) {
                        tracer_say_once(
                                "the collector is stopped: what finds no room until it goes on is lost",
                                NULL);
                        return lose(ring);
                }
                if (pulse.now_ns - start > STUCK_NS && nesting_is_nested(thread) && waits_for_us(ring))
                        return lose(ring);
        }
}
