/*
 * The program is about to forbid itself system calls, or the clock: what of ours that meets is noted in
 * session/calls.h and prepared for, before it is so. Any thread; syscalls, errno kept.
 */
#ifndef MEMTRACE_TRACER_SANDBOX_H
#define MEMTRACE_TRACER_SANDBOX_H

#include <stdint.h>

/* What was noted as forbidden and was not so before. */
struct sandbox {
        uint32_t process;
        uint32_t thread;
};

/* The call that is to follow, as prctl and seccomp take it. */
struct sandbox sandbox_strict(void);
struct sandbox sandbox_filter(uintptr_t filter); /* a struct sock_fprog of the program's, perhaps */
struct sandbox sandbox_no_clock(void);

/* That call failed. */
void sandbox_undo(struct sandbox sandbox);

/* PR_TSC_ENABLE has been set. */
void sandbox_clock_again(void);

/* A thread's first: what its creator forbade itself of the clock. */
void sandbox_inherit(void);

#endif
