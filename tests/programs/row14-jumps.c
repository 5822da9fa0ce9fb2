/*
 * Row 14: a handler jumps out of a heap call, at instructions all along it and mostly near its end, where it
 * is recorded, others in each run; and what the thread does afterwards is recorded whole, backtraces
 * included: one call deeper than where it was, at the same place, and shallower. `handler`: the jump is from
 * a handler in a handler into the first, and the call that the first interrupted goes on. The calls jumped
 * out of are made by the companion (safe-library.c). row14-jumps call|handler [ROUNDS]
 */
#include <dlfcn.h>
#include <limits.h>
#include <setjmp.h>

#include "harness.h"
#include "steps.h"

enum { CALLS = 6, INNER = 48, END = 96 /* instructions */ };

static struct {
        void *(*malloc)(size_t size);
        void *(*calloc)(size_t count, size_t size);
        void *(*realloc)(void *block, size_t size);
        void *(*reallocarray)(void *block, size_t count, size_t size);
        void *(*aligned_alloc)(size_t alignment, size_t size);
        void (*free)(void *block);
} call;

static sigjmp_buf back;
static volatile int left, nested;
static volatile int inner_length, inner_calls;
static int in_handler;
static volatile int sink;

/* The n-th kind of call, of a block of the companion's. None moves the block. */
static void jumped(int kind, void *block) {
        switch (kind) {
        case 0:
                call.malloc(24);
                break;
        case 1:
                call.calloc(1, 24);
                break;
        case 2:
                call.realloc(block, 30);
                break;
        case 3:
                call.reallocarray(block, 3, 10);
                break;
        case 4:
                call.aligned_alloc(64, 24);
                break;
        case 5:
                call.free(block);
                break;
        }
}

/* The instruction at which the n-th jump from a call of so many is. */
static int jump_at(int length, int n) {
        int random = getpid() + n * 29;

        return n % 3 == 0 || length < END ? 1 + random % length : length - random % END;
}

static void on_step(int signal, siginfo_t *info, void *context) {
        if (--left > 0)
                return;
        if (!in_handler || nested)
                siglongjmp(back, 1);
        steps_end(context);
        nested = 1;
        if (sigsetjmp(back, 1) == 0) {
                left = inner_length ? jump_at(inner_length, inner_calls) : INT_MAX;
                inner_calls++;
                steps_on();
                call.malloc(24);
                steps_off();
                if (!inner_length)
                        inner_length = INT_MAX - left;
        }
        left = INT_MAX;
        /* in the first handler still, over a call that will go on */
        free(malloc(INNER));
        nested = 0;
}

static __attribute__((noinline)) void allocate(void) {
        void *block = h_malloc(200);
        block = h_realloc(block, 200, 210);
        h_free(block, 210);
        sink++;
}

static __attribute__((noinline)) void deeper(void) {
        char room[256];
        room[(unsigned char)sink] = 1;
        allocate();
        sink += room[7];
}

/* Returns how many instructions the call had, if it came to its end. */
static __attribute__((noinline)) int one_round(int kind, int steps, void *block) {
        left = steps;
        if (in_handler) {
                steps_on();
                void *whole = malloc(100);
                steps_off();
                h_took(H_MALLOC, whole, 100);
                h_free(whole, 100);
        } else if (sigsetjmp(back, 1) == 0) {
                steps_on();
                jumped(kind, block);
                steps_off();
        }
        int length = steps - left;
        deeper();
        allocate();
        return length;
}

static __attribute__((noinline)) void rounds(int count) {
        volatile int length[CALLS];

        for (int i = -2 * CALLS; i < count; i++) {
                int kind = (i + 2 * CALLS) % CALLS;
                void *block = call.malloc(24);
                if (i < -CALLS) /* what is done once for each, is done */
                        jumped(kind, block);
                else if (i < 0)
                        length[kind] = one_round(kind, INT_MAX, block);
                else
                        one_round(kind, jump_at(length[kind], i / CALLS), block);
                allocate();
                if (kind != 5) /* freed or not: nobody knows */
                        call.free(block);
        }
}

int main(int argc, char **argv) {
        int count = argc > 2 ? atoi(argv[2]) : 144;

        *(void **)&call.malloc = dlsym(RTLD_DEFAULT, "call_malloc");
        *(void **)&call.calloc = dlsym(RTLD_DEFAULT, "call_calloc");
        *(void **)&call.realloc = dlsym(RTLD_DEFAULT, "call_realloc");
        *(void **)&call.reallocarray = dlsym(RTLD_DEFAULT, "call_reallocarray");
        *(void **)&call.aligned_alloc = dlsym(RTLD_DEFAULT, "call_aligned_alloc");
        *(void **)&call.free = dlsym(RTLD_DEFAULT, "call_free");
        in_handler = argc > 1 && strcmp(argv[1], "handler") == 0;
        steps_handler(on_step, SA_NODEFER);
        rounds(count);
        /* How many of these handlers came is chance: made up to a number that is not. */
        for (; in_handler && inner_calls < count; inner_calls++)
                free(malloc(INNER));
        for (int i = 0; i < inner_calls; i++) {
                h_took(H_MALLOC, &back, INNER);
                h_gave(&back, INNER);
        }
        h_report(H_THREADS, "exited", 0);
        return 0;
}
