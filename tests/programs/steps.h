/*
 * Single steps: between steps_on and steps_off, each instruction of the thread is followed by SIGTRAP, as if
 * a debugger stepped it. So a handler can be had at every instruction of a call, and not only where chance
 * has it.
 */
#ifndef STEPS_H
#define STEPS_H

#include <signal.h>
#include <ucontext.h>

enum { TRAP_FLAG = 0x100 };

static inline __attribute__((always_inline)) void steps_on(void) {
        __asm__ volatile("lea -128(%%rsp), %%rsp\n\tpushf\n\torq %0, (%%rsp)\n\tpopf\n\tlea 128(%%rsp), %%rsp"
                         :
                         : "i"(TRAP_FLAG)
                         : "memory", "cc");
}

static inline __attribute__((always_inline)) void steps_off(void) {
        __asm__ volatile(
                "lea -128(%%rsp), %%rsp\n\tpushf\n\tandq %0, (%%rsp)\n\tpopf\n\tlea 128(%%rsp), %%rsp"
                :
                : "i"(~TRAP_FLAG)
                : "memory", "cc");
}

/* In the handler of SIGTRAP: no more of them once it has returned. */
static inline void steps_end(void *context) {
        ((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
}

static inline void steps_handler(void (*handler)(int, siginfo_t *, void *), int flags) {
        struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags };

        sigemptyset(&action.sa_mask);
        sigaction(SIGTRAP, &action, NULL);
}

#endif
