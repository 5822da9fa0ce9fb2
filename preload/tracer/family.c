/*
 * How tracing begins in a process (see tracer.h): a family of its own, with a session and a collector, or, in
 * a fork child, its family's. Runs in the constructor or the first hook (whichever comes first), and in a
 * fork child's first hook.
 *
 * Must not: leave a descriptor, a thread, a child or a changed signal mask behind in the program.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "session/calls.h"
#include "session/clock.h"
#include "tracer/entry.h"
#include "tracer/environment.h"
#include "tracer/neighbours.h"
#include "tracer/real.h"
#include "tracer/sibling.h"
#include "tracer/signal.h"
#include "tracer/symbol.h"
#include "tracer/tracer.h"
#include "tracer/walk_libunwind.h"

/* Not wiped by fork: whether this family was ever to be traced. */
static enum { NOT_STARTED, STARTED, OFF } family;

/* What is not seen of this family's heap, in words. */
static const char *unseen;

/* Once, and not in a fork child: what is asked of the loader's list. */
static void look_around(void) {
        clock_function *kernel_clock = (clock_function *)symbol_of_kernel("__vdso_clock_gettime");

        if (kernel_clock)
                clock_read = kernel_clock;
        unseen = neighbours_look(&tracer.blind);
}

static bool session_start(void) {
        static struct options options; /* too large for any stack; nobody else starts at the same time */
        struct session *session;
        struct process *process;

        environment_read(&options);
        if (!gate_wipe_on_fork()) {
                tracer_say("this kernel has no MADV_WIPEONFORK (Linux 4.14): the program runs untraced",
                           NULL);
                return false;
        }
        session = session_new(&options);
        if (!session) {
                tracer_say("no memory for the session: ", strerrordesc_np(errno),
                           "; the program runs untraced", NULL);
                return false;
        }
        if (family == NOT_STARTED)
                look_around();
        process = entry_new(session, false, unseen);
        if (!process)
                tracer_say("no memory for the session; the program runs untraced", NULL);
        if (!process || !sibling_start(session)) {
                session_free(session);
                return false;
        }
        tracer.session = session;
        tracer.process = process;
        tracer.has_tsc = session->clock == SESSION_CLOCK_TSC && calls_allow(CALL_CLOCK);
        tracer.libunwind = options.unwind == UNWIND_LIBUNWIND && walk_libunwind_open();
        if (unseen && family == NOT_STARTED)
                tracer_say(unseen, NULL);
        if (options.unwind == UNWIND_LIBUNWIND && !tracer.libunwind)
                tracer_say("libunwind.so.8 cannot be loaded: unwinding by call frame information", NULL);
        return true;
}

/* Registered before the loader registers its own, and so run after every destructor. */
static void at_exit(int code, void *unused) {
        (void)unused;
        tracer_finish(code);
}

/* What a process begins with. */
static void paused_before(bool paused) {
        atomic_store_explicit(&tracer.paused, paused, memory_order_relaxed);
        atomic_store_explicit(&tracer.begun, !paused, memory_order_relaxed);
        atomic_store_explicit(&tracer.process->paused, paused, memory_order_relaxed);
}

/* The gate is claimed. */
static void start_family(void) {
        if (!getauxval(AT_SECURE) && session_start()) {
                (void)on_exit(at_exit, NULL);
                family = STARTED;
                paused_before(tracer.blind || !tracer.session->options.enabled);
                signal_begin(&tracer.session->options);
                gate_open(tracer.paused);
        } else {
                family = OFF;
                gate_shut();
        }
}

__attribute__((constructor)) static void constructor(void) {
        if (real_resolve())
                tracer_start();
}

/* A fork child's first event, the gate claimed: an entry of its own in its family's session. */
static void join_family(void) {
        bool joined = false;

        if ((tracer.session->options.follow & FOLLOW_FORK) && calls_allow(CALL_WHO)) {
                struct process *process = entry_new(tracer.session, true, unseen);

                joined = process && entry_is_served(tracer.session, process);
                if (joined)
                        tracer.process = process;
                else /* no room for it there, or nobody who serves it */
                        joined = calls_forbidden_now() == 0 && session_start();
        }
        if (!joined) {
                gate_shut();
                return;
        }
        paused_before(tracer.paused);
        gate_open(tracer.paused);
}

void tracer_start(void) {
        int saved = errno;

        if (!environ || !gate_claim())
                return;
        if (family == STARTED)
                join_family();
        else if (family == NOT_STARTED)
                start_family();
        else
                gate_shut();
        errno = saved;
}
