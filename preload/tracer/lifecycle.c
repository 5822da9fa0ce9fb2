/*
 * The tracer's life in a process: start, fork, give-up, end. Runs in the constructor or the first
 * hook (whichever comes first), in a fork child's first hook, and in the last handler of exit.
 *
 * Must not: leave a descriptor, a thread, a child or a changed signal mask behind in the program.
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memtrace/format.h>

#include "session/calls.h"
#include "session/clock.h"
#include "session/collector_entry.h"
#include "tracer/environment.h"
#include "tracer/modules.h"
#include "tracer/neighbours.h"
#include "tracer/nesting.h"
#include "tracer/pulse.h"
#include "tracer/real.h"
#include "tracer/rules.h"
#include "tracer/sandbox.h"
#include "tracer/signal.h"
#include "tracer/symbol.h"
#include "tracer/tracer.h"
#include "tracer/walk_libunwind.h"

#define START_TIMEOUT_NS UINT64_C(10000000000)
#define COLLECTOR_STACK_BYTES ((size_t)256 << 10)
#define WAIT_STEP_NS UINT64_C(20000000)

struct tracer tracer;
__thread struct own_thread own_thread = { .gate = GATE_NEVER };

/* Not wiped by fork: whether this family was ever to be traced. */
static enum { NOT_STARTED, STARTED, OFF } family;

/* What is not seen of this family's heap, in words. */
static const char *unseen;

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

/* Gives this process its entry in `session`; NULL when there is no room. */
static struct process *process_enter(struct session *session, bool forked) {
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

static int collector_main(void *session) {
        gate_bar();
        collector_run(session);
}

/* Forks the collector, onto a stack of its own: ours may be a small thread's, or a signal's. */
static pid_t collector_spawn(struct session *session) {
        char *stack =
                mmap(NULL, COLLECTOR_STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        pid_t collector;

        if (stack == MAP_FAILED)
                return -1;
        collector = clone(collector_main, stack + COLLECTOR_STACK_BYTES, 0, session);
        (void)munmap(stack, COLLECTOR_STACK_BYTES);
        return collector;
}

/* An orphan of ours would come back to us as an ordinary child, and wait() would never end. */
static bool adopts_orphans(void) {
        int subreaper = 0;

        return syscall(SYS_getpid) == 1 || (prctl(PR_GET_CHILD_SUBREAPER, &subreaper) == 0 && subreaper);
}

/*
 * The collector as the child of a child, so that the program never has one to wait for; where that cannot
 * be, as a child that wait() passes over without __WALL. No exit signal in either case: the program must not
 * see a SIGCHLD it did not cause. Returns 0 or an errno.
 */
static int collector_fork(struct session *session) {
        int status = 0, error = 0;
        pid_t child;

        if (adopts_orphans()) {
                error = collector_spawn(session) < 0 ? errno : 0;
        } else {
                child = (pid_t)syscall(SYS_clone, 0, NULL, NULL, NULL, NULL);
                if (child == 0)
                        syscall(SYS_exit_group, collector_spawn(session) < 0 ? errno : 0);
                if (child < 0)
                        error = errno;
                else
                        while (waitpid(child, &status, __WALL) < 0 && errno == EINTR)
                                ;
                if (!error)
                        error = WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
        }
        return error;
}

/* Waits for the collector's answer; false, after a line on stderr, when it is not yes. */
static bool collector_start(struct session *session) {
        int error = collector_fork(session);
        uint64_t start = clock_monotonic_ns();
        uint32_t status;

        if (error) {
                tracer_say("cannot start the collector: ", strerrordesc_np(error),
                           "; the program runs untraced", NULL);
                return false;
        }
        /* Acquire pairs with the collector's release: its answer is whole. */
        while ((status = atomic_load_explicit(&session->status, memory_order_acquire)) == SESSION_STARTING) {
                if (session_is_orphaned(session) || clock_monotonic_ns() - start > START_TIMEOUT_NS) {
                        atomic_store_explicit(&session->abandoned, 1, memory_order_relaxed);
                        tracer_say("the collector did not start; the program runs untraced", NULL);
                        return false;
                }
                session_futex_wait(&session->status, SESSION_STARTING, WAIT_STEP_NS);
        }
        if (status == SESSION_READY)
                return true;
        tracer_say(session->status_text, "; the program runs untraced", NULL);
        return false;
}

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
        process = process_enter(session, false);
        if (!process)
                tracer_say("no memory for the session; the program runs untraced", NULL);
        if (!process || !collector_start(session)) {
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

/*
 * Waits until the collector has brought *word to `wanted`: false when it is gone, or shows no sign
 * of life any more.
 */
static bool wait_for(struct session *session, _Atomic uint32_t *word, uint32_t wanted) {
        struct pulse pulse = pulse_begin(session);
        uint32_t value;

        /* Acquire pairs with the collector's release of what the word stands for. */
        while ((int32_t)((value = atomic_load_explicit(word, memory_order_acquire)) - wanted) < 0) {
                if (session_is_orphaned(session) || pulse_has_stopped(&pulse, session, WAIT_STEP_NS))
                        return false;
                session_futex_wait(word, value, WAIT_STEP_NS);
        }
        return true;
}

/*
 * Waits until the collector watches this child, which may be gone in a moment: only one that is watched can
 * be seen to end. False when it had left with the rest of the family, or has no room: a new family then
 * begins here.
 */
static bool is_served(struct session *session, struct process *process) {
        uint32_t expected = PROCESS_UNSERVED;

        session_wake(session);
        if (wait_for(session, &process->service, PROCESS_SERVED))
                return atomic_load_explicit(&process->service, memory_order_relaxed) == PROCESS_SERVED;
        return !atomic_compare_exchange_strong_explicit(&process->service, &expected, PROCESS_WITHDRAWN,
                                                        memory_order_acq_rel, memory_order_acquire) &&
               expected != PROCESS_REFUSED;
}

/* A fork child's first event, the gate claimed: an entry of its own in its family's session. */
static void join_family(void) {
        bool joined = false;

        if ((tracer.session->options.follow & FOLLOW_FORK) && calls_allow(CALL_WHO)) {
                struct process *process = process_enter(tracer.session, true);

                joined = process && is_served(tracer.session, process);
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
        if (gate_is_paused(gate) &&
            (use == TRACER_ALLOCATION ||
             (use == TRACER_RELEASE && !atomic_load_explicit(&tracer.begun, memory_order_relaxed))))
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

void tracer_say_once(const char *part, const char *more) {
        if (atomic_exchange(&tracer.session->told, 1) == 0)
                tracer_say(part, more, NULL);
}

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
        if (!wait_for(session, &process->flushed, wanted)) {
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
