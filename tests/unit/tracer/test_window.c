/* Windows on stacks: what is mapped is covered, what is not is never claimed. */
#include <criterion/criterion.h>
#include <errno.h>
#include <sys/mman.h>

#include "session/calls.h"
#include "tracer/window.h"

#define PAGE 4096u

/* Pages of which the given one is a guard. */
static char *pages(uint32_t count, uint32_t guard) {
        char *memory = mmap(NULL, count * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        cr_assert_neq(memory, MAP_FAILED);
        cr_assert_eq(mprotect(memory + guard * PAGE, PAGE, PROT_NONE), 0);
        return memory;
}

Test(window, an_unknown_stack_is_covered_to_the_end_of_its_page_and_grows_to_the_guard) {
        char *memory = pages(8, 6);
        uintptr_t sp = (uintptr_t)memory + 2 * PAGE + 100;
        struct windows windows = { 0 };

        errno = 77;
        window_switch(&windows, sp, 0);
        cr_assert(window_covers(&windows, sp));
        cr_assert(window_covers(&windows, (uintptr_t)memory + 3 * PAGE - 8));
        cr_assert_not(window_covers(&windows, (uintptr_t)memory + 3 * PAGE));
        cr_assert(window_extend(&windows, (uintptr_t)memory + 6 * PAGE));
        cr_assert_not(window_extend(&windows, (uintptr_t)memory + 6 * PAGE + 8), "the guard page");
        cr_assert(window_covers(&windows, (uintptr_t)memory + 6 * PAGE - 8));
        cr_assert_eq(errno, 77);
}

Test(window, a_stack_that_grew_down_is_the_same_one_unless_a_guard_lies_between) {
        char *memory = pages(16, 4);
        struct windows windows = { 0 };

        window_switch(&windows, (uintptr_t)memory + 12 * PAGE, 0);
        window_switch(&windows, (uintptr_t)memory + 6 * PAGE, 0);
        cr_assert(window_covers(&windows, (uintptr_t)memory + 6 * PAGE));
        cr_assert(window_covers(&windows, (uintptr_t)memory + 12 * PAGE),
                  "one window from the new pointer up");
        window_switch(&windows, (uintptr_t)memory + 2 * PAGE, 0);
        cr_assert_not(window_covers(&windows, (uintptr_t)memory + 12 * PAGE), "another stack");
}

Test(window, stacks_left_are_come_back_to) {
        char *one = pages(4, 0), *two = pages(4, 0);
        struct window others[WINDOW_COUNT] = { 0 };
        struct windows windows = { .others = others };

        window_switch(&windows, (uintptr_t)one + 2 * PAGE, 0);
        cr_assert(window_extend(&windows, (uintptr_t)one + 4 * PAGE));
        window_switch(&windows, (uintptr_t)two + 2 * PAGE, 0);
        window_switch(&windows, (uintptr_t)one + 2 * PAGE + 8, 0);
        cr_assert(window_covers(&windows, (uintptr_t)one + 4 * PAGE - 8), "with what was learnt of it");
}

Test(window, the_threads_own_stack_is_known_to_its_end) {
        struct windows windows = { 0 };
        char local[PAGE];
        uintptr_t sp = (uintptr_t)local & ~UINT64_C(7), end = (uintptr_t)__builtin_frame_address(0);

        window_switch(&windows, sp, end);
        cr_assert(window_covers(&windows, end - 8));
        cr_assert_not(window_covers(&windows, end));
        cr_assert_not(window_extend(&windows, end + 8), "complete: it is not probed further");
}

Test(window, an_end_close_by_behind_a_guard_is_not_believed) {
        char *memory = pages(8, 4);

        /* a signal's stack right below a small thread's */
        struct windows windows = { 0 };
        window_switch(&windows, (uintptr_t)memory + 3 * PAGE, (uintptr_t)memory + 8 * PAGE - 512);
        cr_assert_not(window_covers(&windows, (uintptr_t)memory + 4 * PAGE));
}

Test(window, an_end_that_is_not_on_this_stack_is_not_believed) {
        char *memory = pages(64, 32);
        struct windows windows = { 0 };

        window_switch(&windows, (uintptr_t)memory + 8 * PAGE, (uintptr_t)memory + 60 * PAGE);
        cr_assert_not(window_covers(&windows, (uintptr_t)memory + 40 * PAGE));
}

Test(window, what_is_no_memory_of_the_program_is_not_readable) {
        static char page[PAGE];

        cr_assert(window_readable((uintptr_t)page, (uintptr_t)(page + PAGE)));
        cr_assert_not(window_readable(8, 24),
                      "the kernel takes a pointer into the first page for none at all");
        cr_assert_not(window_readable(UINTPTR_MAX - 7, 8), "over the end of the address space");
        cr_assert_not(window_readable((uintptr_t)1 << 60, ((uintptr_t)1 << 60) + 8));
}

Test(window, where_probing_is_forbidden_only_the_threads_own_stack_is_believed) {
        char *memory = pages(64, 0);
        uintptr_t end = (uintptr_t)memory + 60 * PAGE;
        struct windows windows = { 0 };
        char local[PAGE];
        uintptr_t sp = (uintptr_t)local & ~UINT64_C(7), first_end = window_first_stack_end();

        calls_forbidden_here = CALL_PROBE;
        cr_assert_not(window_readable((uintptr_t)memory + PAGE, end));
        window_switch(&windows, end - 8 * PAGE, end);
        cr_assert(window_covers(&windows, end - 8), "near its end it is the same stack");
        window_switch(&windows, end - 20 * PAGE, end);
        cr_assert(window_covers(&windows, end - 8), "and near what is known of it");
        window_switch(&windows, end - 40 * PAGE, end);
        cr_assert(window_covers(&windows, end - 40 * PAGE + 8));
        cr_assert_not(window_covers(&windows, end - 39 * PAGE), "not farther");
        cr_assert_not(window_extend(&windows, end - 38 * PAGE));
        window_switch(&windows, sp - (32 << 20), first_end);
        cr_assert(window_covers(&windows, first_end - 8), "the first thread's, as deep as it may be");
        calls_forbidden_here = 0;
}
