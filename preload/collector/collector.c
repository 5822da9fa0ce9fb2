/*
 * The collector's start, its loop and its end: see session/collector_entry.h. It owns the
 * process it runs in, which began as a copy of the traced program and keeps nothing of it but
 * the library's own code.
 *
 * Must not: use anything of libc that locks, allocates or keeps state, leave a descriptor of the
 * program's open, or outlive the last traced process.
 */
#include "session/collector_entry.h"

#include <linux/futex.h>
#include <signal.h>
#include <sys/prctl.h>

#include "collector/alive.h"
#include "collector/family.h"
#include "collector/proc.h"
#include "collector/sys.h"
#include "session/ring.h"

#define CLOCKSOURCE "/sys/devices/system/clocksource/clocksource0/current_clocksource"

#define PAUSE_WORDS (RING_WORDS / 4)
#define PAUSE_MIN_NS UINT64_C(50000)
#define PAUSE_ACTIVE_MAX_NS UINT64_C(1000000) /* while something came lately */
#define PAUSE_IDLE_MAX_NS UINT64_C(16000000)  /* with a block's age at most this keeps 50 ms */
#define LATELY_NS UINT64_C(20000000)
#define REGISTERING_NS UINT64_C(1000000000) /* a slot in the making is waited for so long at the end */

/* How long to sleep between turns: so that the busiest ring holds about PAUSE_WORDS at the next. */
struct pause {
        uint64_t ns;
        uint64_t last_work_ns;
};

/* In the library's zero pages: a traced process never touches it. */
static struct family family;

static void close_all_descriptors(void) {
        if (sys_call3(SYS_close_range, 0, ~0u, 0) == 0)
                return;
        for (int fd = 0; fd < 65536; fd++)
                sys_close(fd);
}

/* The program's limits on itself are not meant for us; what its starter set as a hard one holds. */
static void raise_limit(int resource) {
        struct rlimit limit;

        if (sys_call6(SYS_prlimit64, 0, resource, 0, (long)&limit, 0, 0) == 0 &&
            limit.rlim_cur != limit.rlim_max) {
                limit.rlim_cur = limit.rlim_max;
                (void)sys_call6(SYS_prlimit64, 0, resource, (long)&limit, 0, 0, 0);
        }
}

static void become_a_process_of_our_own(void) {
        struct rlimit no_core = { 0, 0 };
        uint64_t all_signals = ~UINT64_C(0);

        (void)sys_call6(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all_signals, 0, sizeof(all_signals), 0, 0);
        (void)sys_call3(SYS_setsid, 0, 0, 0);
        close_all_descriptors();
        (void)sys_call3(SYS_prctl, PR_SET_NAME, (long)"memtrace", 0);
        (void)sys_call3(SYS_prctl, PR_SET_TIMERSLACK, 1, 0);
        (void)sys_call6(SYS_prlimit64, 0, RLIMIT_CORE, (long)&no_core, 0, 0, 0);
        raise_limit(RLIMIT_NOFILE);
        raise_limit(RLIMIT_AS);
        raise_limit(RLIMIT_DATA);
        raise_limit(RLIMIT_CPU);
}

/* Chunks are opened by whoever takes one, in its own address space only. */
static bool open_chunks(struct session *session) {
        return sys_call3(SYS_mprotect, (long)session, (long)((size_t)session->chunk_count * CHUNK_BYTES),
                         PROT_READ | PROT_WRITE) == 0;
}

/* The TSC orders events of different cores only where the kernel found that it does. */
static uint32_t trusted_clock(void) {
        char name[16] = { 0 };
        int fd = sys_open(CLOCKSOURCE, O_RDONLY | O_CLOEXEC, 0);

        if (fd < 0)
                return SESSION_CLOCK_MONOTONIC;
        (void)sys_read(fd, name, sizeof(name) - 1);
        sys_close(fd);
        return strcmp(name, "tsc\n") == 0 ? SESSION_CLOCK_TSC : SESSION_CLOCK_MONOTONIC;
}

static void answer(struct session *session, enum session_status status) {
        /* Release pairs with the tracer's acquire: clock, text and the life sign come before. */
        atomic_store_explicit(&session->status, status, memory_order_release);
        session_futex_wake(&session->status);
}

static void pause_until_woken(struct session *session, struct pause *pause, uint32_t wake, uint64_t words) {
        uint64_t now_ns = family.timebase.now_ns;
        uint64_t rss_ns = family.identity.options.rss_interval_ms * UINT64_C(1000000);
        uint64_t longest = PAUSE_ACTIVE_MAX_NS;
        uint64_t longer = pause->ns + pause->ns / 4;

        if (words != 0)
                pause->last_work_ns = now_ns;
        else if (now_ns - pause->last_work_ns > LATELY_NS)
                longest = rss_ns != 0 && rss_ns < PAUSE_IDLE_MAX_NS ? rss_ns : PAUSE_IDLE_MAX_NS;
        /* Shorter at once, longer by and by: a burst must not find its ring full twice. */
        pause->ns = words * longer > PAUSE_WORDS * pause->ns ? pause->ns * PAUSE_WORDS / words : longer;
        if (pause->ns < PAUSE_MIN_NS)
                pause->ns = PAUSE_MIN_NS;
        if (pause->ns > longest)
                pause->ns = longest;
        /* A ring this full is filling faster than we read: no pause at all. */
        if (words < RING_WORDS / 2)
                session_futex_wait(&session->wake, wake, pause->ns);
}

/*
 * Nobody is left. A forked child may be registering at this moment: either it sees that we go, and
 * withdraws to begin a family of its own, or we take it; see enum process_service.
 */
static bool may_leave(struct session *session) {
        uint64_t since_ns = sys_clock_ns(CLOCK_MONOTONIC);

        for (;;) {
                bool hurry = false;

                /* Sequentially consistent pairs with the tracer's claim of a slot before its look at
                 * `abandoned`: with anything less both could miss the other. */
                atomic_store_explicit(&session->abandoned, 1, memory_order_seq_cst);
                if (!family_expects(&family) || sys_clock_ns(CLOCK_MONOTONIC) - since_ns > REGISTERING_NS)
                        return true;
                /* Whoever is taken may at once look whether we are there. */
                atomic_store_explicit(&session->abandoned, 0, memory_order_seq_cst);
                (void)family_turn(&family, &hurry);
                if (family.count != 0)
                        return false;
                session_futex_wait(&session->wake, atomic_load_explicit(&session->wake, memory_order_relaxed),
                                   PAUSE_MIN_NS);
        }
}

static void loop(struct session *session) {
        struct pause pause = { .ns = PAUSE_MIN_NS };

        for (;;) {
                /* Before looking at anything: what changes from here on is not slept over. Acquire
                 * pairs with session_wake. */
                uint32_t wake = atomic_load_explicit(&session->wake, memory_order_acquire);
                bool hurry = false;
                uint64_t words;

                /* Relaxed: a word that moves, and a time that is past. */
                atomic_store_explicit(&session->heartbeat, session_time(session->clock),
                                      memory_order_relaxed);
                if (session_is_stopped(session))
                        atomic_store_explicit(&session->stopped, 0, memory_order_relaxed);
                if (atomic_load_explicit(&session->abandoned, memory_order_relaxed)) {
                        family_stop(&family);
                        return;
                }
                words = family_turn(&family, &hurry);
                if (family.count == 0 && may_leave(session))
                        return;
                if (!hurry)
                        pause_until_woken(session, &pause, wake, words);
        }
}

void collector_run(struct session *session) {
        char line[SESSION_TEXT_MAX];
        struct text reason = text_in(line, sizeof(line));
        int result = -ENOMEM;

        alive_begin(session); /* first: from here on our death is seen */
        become_a_process_of_our_own();
        session->clock = trusted_clock();
        proc_begin();
        if (sys_clock_ns(CLOCK_MONOTONIC) == 0)
                text_string(&reason, "the collector cannot read the clock");
        else if (open_chunks(session) && family_init(&family, session))
                result = family_root(&family, &reason);
        if (result < 0) {
                if (reason.length == 0)
                        text_string(&reason, "the collector has no memory");
                memcpy(session->status_text, line, reason.length + 1);
                answer(session, SESSION_FAILED);
        } else {
                answer(session, SESSION_READY);
                loop(session);
        }
        for (;;)
                (void)sys_call3(SYS_exit_group, result < 0, 0, 0);
}
