/*
 * How tracing ends in a process (see tracer.h): it exits, it execs, or its collector is gone. Runs in
 * whichever thread does that, also in one that shares the process's memory and is not it.
 *
 * Must not: wait for a collector that shows no sign of life.
 */
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <memtrace/format.h>

#include "session/calls.h"
#include "tracer/nesting.h"
#include "tracer/sibling.h"
#include "tracer/tracer.h"

void tracer_give_up(void) {
        gate_bar();
        tracer_say_once("the collector is gone: the trace is not complete", NULL);
}

/* Whether this is the traced process itself: a vfork child shares its memory, but not its pid. Where that may
 * not be asked, a vfork would hardly be allowed. */
static bool is_traced_process(void) {
        uint32_t gate = gate_now();

        return gate_is_open(gate) &&
               (!calls_allow(CALL_WHO) || (uint32_t)syscall(SYS_getpid) == tracer.process->pid);
}

bool tracer_exec_begin(void) {
        if (!is_traced_process())
                return false;
        /* Release: what was recorded before is in the rings when the collector sees it. */
        atomic_store_explicit(&tracer.process->exec, 1, memory_order_release);
        return true;
}

void tracer_exec_failed(void) {
        atomic_store_explicit(&tracer.process->exec, 0, memory_order_release);
}

void tracer_finish(int code) {
        struct process *process = tracer.process;
        struct session *session = tracer.session;
        uint32_t wanted, unwritten;

        if (!is_traced_process() || !calls_allow(CALL_EXIT))
                return;
        /* We do not come back from here to a hook under us. */
        if (own_thread.gate == gate_entry(gate_now()))
                nesting_abandon(own_thread.thread);
        atomic_store_explicit(&process->end_code, code, memory_order_relaxed);
        /* Release: who sees how it ended sees the code. */
        atomic_store_explicit(&process->end_how, MTR_END_EXITED, memory_order_release);
        wanted = atomic_fetch_add_explicit(&process->flush, 1, memory_order_acq_rel) + 1;
        session_wake(session);
        if (!sibling_wait_for(session, &process->flushed, wanted)) {
                if (session_is_orphaned(session))
                        tracer_give_up();
                else
                        tracer_say_once("the collector is stopped: the trace is complete when it has gone on",
                                        NULL);
                return;
        }
        unwritten = atomic_load_explicit(&process->unwritten, memory_order_relaxed);
        if (unwritten)
                tracer_say_once("the trace is not complete: ", strerrordesc_np((int)unwritten));
}
