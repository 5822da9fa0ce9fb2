/*
 * What stands behind the fast path of every hook (see tracer.h): whose ring this thread writes, and whether
 * anything is recorded at present. Begins and ends nothing itself.
 */
#include "tracer/tracer.h"

#include "tracer/sandbox.h"

struct tracer tracer;
__thread struct own_thread own_thread = { .gate = GATE_NEVER };

void tracer_lost(int events) {
        if (gate_is_open(gate_now()))
                atomic_fetch_add_explicit(&tracer.process->lost_memory, (uint64_t)events,
                                          memory_order_relaxed);
}

void tracer_pause(bool paused) {
        if (tracer.blind)
                return;
        if (!paused)
                atomic_store_explicit(&tracer.begun, true, memory_order_relaxed);
        atomic_store_explicit(&tracer.paused, paused, memory_order_relaxed);
        atomic_store_explicit(&tracer.process->paused, paused, memory_order_relaxed);
        gate_pause(paused);
}

void tracer_obey(void) {
        uint32_t wanted = atomic_load_explicit(&tracer.process->wanted, memory_order_relaxed);
        uint32_t obeyed = atomic_load_explicit(&tracer.process->obeyed, memory_order_relaxed);

        /* One thread does it, once: the program may say otherwise later. */
        if (wanted != obeyed &&
            atomic_compare_exchange_strong_explicit(&tracer.process->obeyed, &obeyed, wanted,
                                                    memory_order_relaxed, memory_order_relaxed))
                tracer_pause(wanted & PROCESS_WANTED_PAUSED);
}

/* Whether such an event is not recorded while tracing is paused. */
static bool is_passed_over(enum tracer_use use) {
        if (use == TRACER_WORD)
                return false;
        if (tracer.blind && (use == TRACER_REPORT || use == TRACER_REPORT_END))
                return !tracer.session->options.enabled;
        return use == TRACER_ALLOCATION || use == TRACER_REPORT ||
               !atomic_load_explicit(&tracer.begun, memory_order_relaxed);
}

struct thread *tracer_thread_slow(enum tracer_use use) {
        struct thread *thread;
        uint32_t gate = gate_now();

        atomic_store_explicit(&tracer.reached, true, memory_order_relaxed);
        if (gate == GATE_NEW || (gate & GATE_BUSY)) {
                sandbox_inherit();
                tracer_start();
        }
        /* Acquire pairs with who opened it: session and entry are there. */
        gate = atomic_load_explicit(&gate_page[0], memory_order_acquire);
        if (gate_is_paused(gate)) {
                tracer_obey();
                gate = gate_now();
        }
        if (!gate_is_open(gate))
                return NULL;
        if (gate_is_paused(gate) && is_passed_over(use))
                return NULL;
        gate = gate_entry(gate);
        if (own_thread.gate == gate)
                return own_thread.thread;
        thread = thread_take();
        if (!thread) {
                tracer_lost(1);
                return NULL;
        }
        own_thread.thread = thread;
        /* A handler that lands between the two takes a ring for itself. */
        atomic_signal_fence(memory_order_release);
        own_thread.gate = gate;
        return thread;
}
