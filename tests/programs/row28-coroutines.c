/*
 * Row 28: coroutines on stacks from mmap with a guard page, from the heap, and side by side in one array; and
 * code made at run time, which no table describes. A backtrace ends where a coroutine begins or in made code,
 * and holds no frame that was not there. Between turns a coroutine's stack is given back, and another stands
 * in its place.
 */
#include <sys/mman.h>
#include <ucontext.h>

#include "harness.h"
#include "stacks.h"

enum { COROUTINES = 12, TURNS = 40, STACK_BYTES = 32 << 10, GENERATIONS = 3 };

static ucontext_t scheduler, contexts[COROUTINES];
static char *stacks[COROUTINES];
static int finished[COROUTINES];
static volatile int sink;

static __attribute__((noinline)) void innermost(size_t bytes) {
        h_free(h_malloc(bytes), bytes);
        sink++;
}

static __attribute__((noinline)) void deeper(int depth, size_t bytes) {
        if (depth > 0)
                deeper(depth - 1, bytes);
        else
                innermost(bytes);
        sink++;
}

static void coroutine(int number) {
        for (int turn = 0; turn < TURNS; turn++) {
                innermost(4001);
                deeper(2, 4003);
                deeper((number + turn) % 9, 500);
                swapcontext(&contexts[number], &scheduler);
                innermost(4001);
        }
        finished[number] = 1;
}

/* push rbp; mov rdi, 0x7777 in rbp for a frame pointer that is none; call rsi; pop rbp; ret */
static const unsigned char made[] = {
        0x55, 0x48, 0xc7, 0xc5, 0x77, 0x77, 0x00, 0x00, 0xff, 0xd6, 0x5d, 0xc3
};

static void from_made_code(void) {
        innermost(4007);
}

static void begin(int number) {
        static char array[COROUTINES][STACK_BYTES];
        ucontext_t *context = &contexts[number];

        stacks[number] = number % 3 == 0   ? stack_new(STACK_BYTES)
                         : number % 3 == 1 ? h_malloc(STACK_BYTES)
                                           : array[number];
        getcontext(context);
        context->uc_stack.ss_sp = stacks[number];
        context->uc_stack.ss_size = STACK_BYTES;
        context->uc_link = &scheduler;
        finished[number] = 0;
        makecontext(context, (void (*)(void))coroutine, 1, number);
}

static void end(int number) {
        if (number % 3 == 0)
                munmap(stacks[number] - STACK_PAGE, STACK_PAGE + STACK_BYTES);
        else if (number % 3 == 1)
                h_free(stacks[number], STACK_BYTES);
}

static __attribute__((noinline)) void resume(int number, const void *code) {
        swapcontext(&scheduler, &contexts[number]);
        innermost(4013);
        ((void (*)(int, void (*)(void)))(uintptr_t)code)(0, from_made_code);
}

int main(void) {
        unsigned char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        memcpy(code, made, sizeof made);
        mprotect(code, 4096, PROT_READ | PROT_EXEC);
        for (int generation = 0; generation < GENERATIONS; generation++) {
                for (int i = 0; i < COROUTINES; i++)
                        begin(i);
                for (int running = COROUTINES; running > 0;) {
                        running = 0;
                        for (int i = 0; i < COROUTINES; i++) {
                                if (!finished[i])
                                        resume(i, code);
                                running += !finished[i];
                        }
                }
                for (int i = 0; i < COROUTINES; i++)
                        end(i);
        }
        h_report(H_ONE_THREAD, "exited", 0);
        h_say("heap stack-4001 innermost coroutine\n"
              "heap stack-4003 innermost deeper deeper deeper coroutine\n"
              "heap stack-4007 innermost from_made_code ?\n"
              "heap stack-4013 innermost resume main _start\n");
        return 0;
}
