/*
 * A process's entry in a session: see entry.h.
 */
#include "tracer/entry.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "session/calls.h"
#include "session/clock.h"
#include "tracer/modules.h"
#include "tracer/sibling.h"
#include "tracer/tracer.h"

static struct process_slot *slot_claim(struct session *session) {
        for (uint32_t i = 0; i < SESSION_PROCESSES; i++) {
                uint32_t expected = PROCESS_SLOT_EMPTY, high;

                if (!atomic_compare_exchange_strong_explicit(&session->processes[i].state, &expected,
                                                             PROCESS_SLOT_CLAIMED, memory_order_acq_rel,
                                                             memory_order_relaxed))
                        continue;
                high = atomic_load_explicit(&session->process_high, memory_order_relaxed);
                while (high < i + 1 &&
                       !atomic_compare_exchange_weak_explicit(&session->process_high, &high, i + 1,
                                                              memory_order_acq_rel, memory_order_relaxed))
                        ;
                return &session->processes[i];
        }
        return NULL;
}

struct process *entry_new(struct session *session, bool forked, const char *unseen) {
        uint32_t chunk = session_chunk_take(session);
        struct process *process;
        struct process_slot *slot;

        if (chunk == CHUNK_NONE)
                return NULL;
        slot = slot_claim(session);
        if (!slot) {
                session_chunk_give(session, chunk);
                return NULL;
        }
        process = session_chunk(session, chunk);
        process->pid = (uint32_t)syscall(SYS_getpid);
        process->ppid = (uint32_t)syscall(SYS_getppid);
        process->forked = forked;
        process->depth = session->options.depth;
        process->started = forked && calls_allow(CALL_CLOCK) ? session_time(session->clock) : 0;
        if (unseen)
                process->unseen = modules_string(process, unseen);
        process->blind = tracer.blind;
        if (program_invocation_short_name)
                strncpy(process->name, program_invocation_short_name, sizeof(process->name) - 1);
        slot->chunk = chunk;
        /* Release pairs with the collector's acquire: it reads the entry from here on. seq_cst, since a
         * collector about to quit must see it, or we its `abandoned`. */
        atomic_store_explicit(&slot->state, PROCESS_SLOT_READY, memory_order_seq_cst);
        return process;
}

bool entry_is_served(struct session *session, struct process *process) {
        uint32_t expected = PROCESS_UNSERVED;

        session_wake(session);
        if (sibling_wait_for(session, &process->service, PROCESS_SERVED))
                return atomic_load_explicit(&process->service, memory_order_relaxed) == PROCESS_SERVED;
        return !atomic_compare_exchange_strong_explicit(&process->service, &expected, PROCESS_WITHDRAWN,
                                                        memory_order_acq_rel, memory_order_acquire) &&
               expected != PROCESS_REFUSED;
}
