/*
 * Row 29: assembly that no table describes, a smashed stack, a wild jump. The calls of malloc among them are
 * recorded, and the program's own signal comes as it would untraced: the same si_code and si_addr, and the
 * same end.
 *
 *   assembly    calls with a wild rbp, a misaligned stack and no unwind table; the program goes on
 *   smashed     the callers' frames are overwritten, then memory is asked for, then the function returns
 *   recursion   the same, with a frame pointer that leads round in a circle
 *   jump        a call of an address where nothing is
 *   wild        of one that no address can be
 *   handler     a wild jump, and the handler allocates on its alternate stack and ends the program
 */
#include <signal.h>
#include <sys/mman.h>

#include "harness.h"
#include "stacks.h"

/* Without .cfi directives: call_odd(function, argument, rbp, misalignment). */
__asm__(".text\n"
        "call_odd:\n"
        "        push %rbp\n"
        "        push %rbx\n"
        "        mov %rsp, %rbx\n"
        "        mov %rdi, %rax\n"
        "        mov %rsi, %rdi\n"
        "        mov %rdx, %rbp\n"
        "        sub %rcx, %rsp\n"
        "        call *%rax\n"
        "        mov %rbx, %rsp\n"
        "        pop %rbx\n"
        "        pop %rbp\n"
        "        ret\n");
void *call_odd(void *(*function)(size_t), size_t argument, uintptr_t rbp, uintptr_t misalignment);

static int in_handler;
static volatile int sink;

static void on_fault(int number, siginfo_t *info, void *context) {
        h_say("signal %d code %d address %p\n", number, info->si_code, info->si_addr);
        if (in_handler) {
                h_free(h_malloc(99), 99);
                h_report(H_ONE_THREAD, "exited", 9);
                exit(9);
        }
        signal(number, SIG_DFL); /* and the same again, for good */
}

static void assembly(void) {
        char *unmapped = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        uintptr_t wild[] = { 0,
                             1,
                             8,
                             0x1000,
                             1ull << 47,
                             0x800000000000,
                             ~0ull,
                             0xdeadbeefdeadbee8,
                             (uintptr_t)unmapped,
                             (uintptr_t)unmapped + 4088,
                             (uintptr_t)&sink,
                             (uintptr_t)__builtin_frame_address(0),
                             (uintptr_t)__builtin_frame_address(0) - 512 };

        for (size_t i = 0; i < sizeof wild / sizeof *wild; i++) {
                for (uintptr_t off = 8; off <= 64; off += 8) {
                        /* 8 and 24 bytes: as malloc wants it; else the stack is off by 8 */
                        void *block = call_odd(malloc, 100 + i, wild[i], off);
                        h_took(H_MALLOC, block, 100 + i);
                        h_free(block, 100 + i);
                }
        }
}

static __attribute__((noinline)) void smash(uintptr_t value, int words) {
        volatile uintptr_t *frame = __builtin_frame_address(0);

        /* the saved rbp, the return address, and what is above */
        for (int i = 0; i < words; i++)
                frame[i] = value;
        h_free(h_malloc(64), 64);
        h_report(H_ONE_THREAD, "signaled", SIGSEGV);
}

static __attribute__((noinline)) void smash_in_circle(void) {
        volatile uintptr_t *frame = __builtin_frame_address(0);

        frame[0] = (uintptr_t)frame - 64;
        frame[1] = 0x123456789;
        h_free(h_malloc(64), 64);
        h_report(H_ONE_THREAD, "signaled", SIGSEGV);
}

int main(int argc, char **argv) {
        const char *how = argc > 1 ? argv[1] : "assembly";
        struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK };

        stack_alternate(32 << 10);
        sigaction(SIGSEGV, &action, NULL);
        sigaction(SIGBUS, &action, NULL);
        in_handler = strcmp(how, "handler") == 0;
        h_free(h_malloc(10), 10);
        if (strcmp(how, "assembly") == 0) {
                assembly();
                h_report(H_ONE_THREAD, "exited", 0);
                return 0;
        }
        if (strcmp(how, "smashed") == 0)
                smash(0x4141414141414141, 4);
        if (strcmp(how, "recursion") == 0)
                smash_in_circle();
        if (!in_handler)
                h_report(H_ONE_THREAD, "signaled", SIGSEGV);
        if (strcmp(how, "wild") == 0)
                ((void (*)(void))(uintptr_t)0xdeadbeefdeadbeef)();
        ((void (*)(void))(uintptr_t)0x123400)();
        return 1;
}
