/*
 * A system call without libc: the kernel's answer, -errno on failure. For whoever runs where libc's own may
 * be another library's, or not be there yet. Any process of the session; keeps errno.
 */
#ifndef MEMTRACE_SESSION_KERNEL_H
#define MEMTRACE_SESSION_KERNEL_H

static inline long sys_call6(long number, long a, long b, long c, long d, long e, long f) {
        register long r10 __asm__("r10") = d;
        register long r8 __asm__("r8") = e;
        register long r9 __asm__("r9") = f;
        long result;

        __asm__ volatile("syscall"
                         : "=a"(result)
                         : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                         : "rcx", "r11", "memory");
        return result;
}

#endif
