/*
 * Stacks of a test's own, with a page below that faults: whoever needs more than there is, is found out.
 */
#ifndef STACKS_H
#define STACKS_H

#include <signal.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#ifndef AT_MINSIGSTKSZ
#define AT_MINSIGSTKSZ 51
#endif

enum { STACK_PAGE = 4096 };

static inline char *stack_new(size_t bytes) {
        size_t whole = STACK_PAGE + ((bytes + STACK_PAGE - 1) & ~(size_t)(STACK_PAGE - 1));
        char *memory = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (memory == MAP_FAILED || mprotect(memory, STACK_PAGE, PROT_NONE))
                _exit(97);
        return memory + STACK_PAGE;
}

/* A signal stack with `bytes` for the handler beside what the kernel itself puts there (3 KiB with AVX-512).
 */
static inline void stack_alternate(size_t bytes) {
        size_t kernel = getauxval(AT_MINSIGSTKSZ);
        stack_t stack = { .ss_size = (kernel ? kernel : MINSIGSTKSZ) + bytes };

        stack.ss_sp = stack_new(stack.ss_size);
        if (sigaltstack(&stack, NULL))
                _exit(96);
}

#endif
