/*
 * The functions by which a program forbids itself system calls or the clock: prctl, and syscall where it
 * stands for prctl or for seccomp, which has no function of its own. All arguments go on as they came.
 */
#include <linux/prctl.h> /* sys/prctl.h declares prctl variadic: the same call, but not to be defined so */
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/syscall.h>

#include "tracer/hook.h"
#include "tracer/real.h"
#include "tracer/sandbox.h"

#define STRING(value) STRING_OF(value)
#define STRING_OF(value) #value

int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d);
long syscall(long number, ...);
long sandbox_syscall(long number, unsigned long a, unsigned long b, unsigned long c, unsigned long d,
                     unsigned long e);

static struct sandbox before_prctl(unsigned long option, unsigned long a, unsigned long b) {
        if (option == PR_SET_SECCOMP && a == SECCOMP_MODE_STRICT)
                return sandbox_strict();
        if (option == PR_SET_SECCOMP && a == SECCOMP_MODE_FILTER)
                return sandbox_filter(b);
        if (option == PR_SET_TSC && a == PR_TSC_SIGSEGV)
                return sandbox_no_clock();
        return (struct sandbox){ 0 };
}

static struct sandbox before_seccomp(unsigned long operation, unsigned long flags, unsigned long arguments) {
        if (operation == SECCOMP_SET_MODE_STRICT && flags == 0 && arguments == 0)
                return sandbox_strict();
        if (operation == SECCOMP_SET_MODE_FILTER)
                return sandbox_filter(arguments);
        return (struct sandbox){ 0 };
}

static void after(struct sandbox sandbox, long result, unsigned long option, unsigned long a) {
        if (result < 0)
                sandbox_undo(sandbox);
        else if (option == PR_SET_TSC && a == PR_TSC_ENABLE)
                sandbox_clock_again();
}

HOOK int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d) {
        struct sandbox sandbox;
        int result;

        sandbox = before_prctl((unsigned int)option, a, b);
        result = REAL(prctl)(option, a, b, c, d);
        after(sandbox, result, (unsigned int)option, a);
        return result;
}

/* syscall(SYS_prctl, ...) and syscall(SYS_seccomp, ...), from the hook below. */
__attribute__((used)) long sandbox_syscall(long number, unsigned long a, unsigned long b, unsigned long c,
                                           unsigned long d, unsigned long e) {
        struct sandbox sandbox = (int)number == SYS_prctl
                                         ? before_prctl((unsigned int)a, b, c)
                                         : before_seccomp((unsigned int)a, (unsigned int)b, c);
        long result = real.syscall(number, a, b, c, d, e);

        after(sandbox, result, (int)number == SYS_prctl ? (unsigned int)a : 0, b);
        return result;
}

/*
 * A jump, with every register and the stack as the caller left them: syscall may be a vfork or a clone, which
 * returns twice, and has an argument on the stack.
 */
_Static_assert(offsetof(struct real, syscall) == 0, "jumped through below");
HOOK __attribute__((naked)) long syscall(__attribute__((unused)) long number, ...) {
        __asm__("cmpl $" STRING(SYS_seccomp) ", %edi\n\t"
                                             "je sandbox_syscall\n\t"
                                             "cmpl $" STRING(SYS_prctl) ", %edi\n\t"
                                                                        "je sandbox_syscall\n\t"
                                                                        "jmp *real(%rip)");
}
