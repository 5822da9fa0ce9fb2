/*
 * What a program's sandbox leaves of our calls: see sandbox.h and session/calls.h. A filter is asked by
 * running it, so that one that lets through what libc's malloc needs, as most do, changes nothing.
 */
#include "tracer/sandbox.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/futex.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "session/calls.h"
#include "session/session.h"
#include "tracer/filter.h"
#include "tracer/tracer.h"
#include "tracer/window.h"

/* A thread of the process, and so perhaps the creator of others, has no clock. */
static _Atomic bool clock_in_doubt;

/* Each system call that a `call` stands for; arguments 0 are no matter, or none that a filter can know. */
static const struct {
        uint32_t call;
        uint32_t number;
        uint64_t arguments[6];
} asked[] = {
        { CALL_PROBE, SYS_rt_sigprocmask, { ~0u, 0, 0, 8 } },
        { CALL_PROBE, SYS_rt_sigprocmask, { SIG_SETMASK, 0, 0, 8 } },
        { CALL_MEMORY, SYS_mprotect, { 0, CHUNK_BYTES, PROT_READ | PROT_WRITE } },
        { CALL_MEMORY, SYS_madvise, { 0, CHUNK_BYTES, MADV_REMOVE } },
        { CALL_MEMORY, SYS_munmap, { 0, CHUNK_BYTES } },
        { CALL_WAIT, SYS_futex, { 0, FUTEX_WAIT } },
        { CALL_WAIT, SYS_futex, { 0, FUTEX_WAKE, 0x7fffffff } },
        { CALL_WHO, SYS_getpid, { 0 } },
        { CALL_WHO, SYS_getppid, { 0 } },
        { CALL_WHO, SYS_gettid, { 0 } },
        { CALL_WHO, SYS_tgkill, { 0 } },
        { CALL_WHO, SYS_prctl, { PR_GET_TSC } },
        { CALL_SAY, SYS_writev, { STDERR_FILENO } },
        { CALL_CLOCK, SYS_clock_gettime, { 0 } },
        { CALL_EXIT, SYS_exit_group, { 0 } },
        { CALL_LOOK, SYS_openat, { 0 } },
        { CALL_LOOK, SYS_access, { 0 } },
        { CALL_LOOK, SYS_pread64, { 0 } },
        { CALL_LOOK, SYS_close, { 0 } },
};

/* What a start makes of calls, ours and the collector's: a filter outlives exec. Those refused it can bear.
 */
static const uint16_t start_calls[] = {
        SYS_chdir,   SYS_clone,           SYS_close,      SYS_close_range, SYS_exit_group,
        SYS_flock,   SYS_ftruncate,       SYS_futex,      SYS_getcwd,      SYS_getdents64,
        SYS_getpid,  SYS_getppid,         SYS_getrusage,  SYS_gettid,      SYS_ioctl,
        SYS_kill,    SYS_madvise,         SYS_mmap,       SYS_mprotect,    SYS_mremap,
        SYS_munmap,  SYS_openat,          SYS_pidfd_open, SYS_poll,        SYS_prctl,
        SYS_pread64, SYS_prlimit64,       SYS_read,       SYS_readlink,    SYS_rt_sigprocmask,
        SYS_setsid,  SYS_set_robust_list, SYS_uname,      SYS_wait4,       SYS_write,
        SYS_writev,  SYS_memfd_create,    SYS_fcntl,
};

static uint32_t verdict_on(const struct sock_fprog *filter, uint32_t number, const uint64_t arguments[6]) {
        struct seccomp_data data = { .nr = (int)number, .arch = AUDIT_ARCH_X86_64 };

        for (int argument = 0; argument < 6; argument++)
                data.args[argument] = arguments[argument];
        return filter_verdict(filter, &data);
}

static uint32_t forbidden_by(const struct sock_fprog *filter) {
        static const uint64_t none[6];
        uint32_t forbidden = 0;

        for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++)
                if (!filter_allows(verdict_on(filter, asked[i].number, asked[i].arguments)))
                        forbidden |= asked[i].call;
        for (size_t i = 0; i < sizeof(start_calls) / sizeof(*start_calls); i++)
                if (filter_kills(verdict_on(filter, start_calls[i], none)))
                        forbidden |= CALL_START;
        return forbidden;
}

/* The last moment for what takes a call. */
static void prepare(uint32_t forbidden) {
        int saved = errno;
        struct thread *thread =
                forbidden & ~(uint32_t)(CALL_LOOK | CALL_START) ? tracer_thread_for(TRACER_WORD) : NULL;

        if (thread && forbidden & CALL_MEMORY)
                session_open_all(tracer.session);
        if (forbidden & CALL_CLOCK)
                tracer.has_tsc = false;
        if (forbidden & CALL_PROBE) /* libunwind's way to the same is a call as well */
                tracer.libunwind = false;
        errno = saved;
}

static struct sandbox forbid(struct sandbox sandbox) {
        prepare(sandbox.process | sandbox.thread);
        sandbox.thread &= ~calls_forbidden_here;
        calls_forbidden_here |= sandbox.thread;
        sandbox.process &= ~atomic_fetch_or_explicit(&calls_forbidden, sandbox.process, memory_order_relaxed);
        return sandbox;
}

/* By a filter: which does not reach the TSC, that is no call of the kernel's. */
static struct sandbox forbid_process(uint32_t forbidden) {
        if (tracer.session && tracer.session->clock == SESSION_CLOCK_TSC)
                forbidden &= ~(uint32_t)CALL_CLOCK;
        return forbid((struct sandbox){ .process = forbidden });
}

struct sandbox sandbox_strict(void) {
        return forbid((struct sandbox){ .thread = CALLS_ALL });
}

struct sandbox sandbox_filter(uintptr_t filter) {
        const struct sock_fprog *given = (const struct sock_fprog *)filter;

        /* What cannot be read the kernel refuses, unless we may not ask. */
        if (!calls_allow(CALL_PROBE))
                return forbid_process(CALLS_ALL & ~(uint32_t)CALL_EXIT);
        if (!window_readable(filter, filter + sizeof(*given)) ||
            !window_readable((uintptr_t)given->filter, (uintptr_t)(given->filter + given->len)))
                return (struct sandbox){ 0 };
        return forbid_process(forbidden_by(given));
}

struct sandbox sandbox_no_clock(void) {
        atomic_store_explicit(&clock_in_doubt, true, memory_order_relaxed);
        return forbid((struct sandbox){ .thread = CALL_CLOCK });
}

void sandbox_undo(struct sandbox sandbox) {
        calls_forbidden_here &= ~sandbox.thread;
        atomic_fetch_and_explicit(&calls_forbidden, ~sandbox.process, memory_order_relaxed);
}

void sandbox_clock_again(void) {
        calls_forbidden_here &= ~(uint32_t)CALL_CLOCK;
}

void sandbox_inherit(void) {
        int mode = PR_TSC_SIGSEGV;

        if (!atomic_load_explicit(&clock_in_doubt, memory_order_relaxed))
                return;
        if (calls_allow(CALL_WHO))
                (void)syscall(SYS_prctl, PR_GET_TSC, &mode, 0, 0, 0);
        if (mode != PR_TSC_ENABLE)
                calls_forbidden_here |= CALL_CLOCK;
}
