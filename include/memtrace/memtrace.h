/*
 * The API for programs that tell memtrace about themselves: installed, and all that a program needs.
 *
 * There is nothing to link with. Each function here is inline and looks for its counterpart in
 * libmemtrace.so, a weak symbol: where the library is not preloaded that is one test and one branch, and
 * nothing else happens. Compile with the flags of `pkg-config --cflags memtrace`. C99 and later with GNU or
 * standard language mode, C++11 and later; gcc and clang.
 *
 * What holds for all of them unless they say otherwise:
 * - Any thread may call them, also in a signal handler, after fork, and before main. They take no lock,
 *   allocate nothing in the program and keep errno.
 * - They do not tell whether anything was recorded, so that a program does the same whether it is traced or
 *   not. What could not be recorded is counted, and the trace tells of it.
 * - A name is a NUL-terminated string of 1 to MEMTRACE_NAME_MAX bytes, best UTF-8. It is copied before the
 * call returns. A longer one is cut; NULL and "" are no name, and the call does nothing.
 *
 * Must not: need anything of libmemtrace.so at link time, or declare what the library does not export.
 */
#ifndef MEMTRACE_MEMTRACE_H
#define MEMTRACE_MEMTRACE_H

#ifndef __cplusplus
#include <stdbool.h>
#endif
#include <stddef.h>

/* The longest name that is kept whole, in bytes without its NUL. */
#define MEMTRACE_NAME_MAX 255

/*
 * A function of the library: weak, so that its address is NULL where the library is not loaded. The number in
 * its name changes if ever its arguments do. Not for use by programs.
 */
#define MEMTRACE_WEAK_ __attribute__((weak, visibility("default")))
#define MEMTRACE_INLINE_ static inline __attribute__((always_inline, unused))

/*
 * The address of such a function. Code that is not position-independent would take it for a constant, which
 * the linker makes 0 for good: it has to be asked for by way of the global offset table.
 */
#if defined(__x86_64__) && !defined(__PIC__)
#define MEMTRACE_ADDRESS_(function)                                                                          \
        __extension__({                                                                                      \
                __typeof__(&function) memtrace_address_;                                                     \
                __asm__(".weak " #function "\n\tmovq " #function "@GOTPCREL(%%rip), %0"                      \
                        : "=r"(memtrace_address_));                                                          \
                memtrace_address_;                                                                           \
        })
#else
#define MEMTRACE_ADDRESS_(function) (&function)
#endif

#ifdef __cplusplus
extern "C" {
#endif

MEMTRACE_WEAK_ bool memtrace_v1_is_tracing(void);

/* Whether the library is preloaded and records what this process allocates now. */
MEMTRACE_INLINE_ bool memtrace_is_tracing(void) {
        bool (*const is_tracing)(void) = MEMTRACE_ADDRESS_(memtrace_v1_is_tracing);

        return is_tracing && is_tracing();
}

#ifdef __cplusplus
}
#endif

#endif
