/* The bootstrap arena: aligned, zeroed, bounded, recognised. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdint.h>

#include "tracer/bootstrap.h"

Test(bootstrap, blocks_are_aligned_zeroed_disjoint_and_know_their_size) {
        unsigned char *end_before = NULL;

        for (size_t alignment = 1; alignment <= 4096; alignment *= 2) {
                size_t size = alignment % 61 + 1;
                unsigned char *block = bootstrap_alloc(alignment, size);

                cr_assert_not_null(block);
                cr_assert_eq((uintptr_t)block % (alignment < 16 ? 16 : alignment), 0);
                cr_assert(bootstrap_owns(block));
                cr_assert_eq(bootstrap_size(block), size);
                cr_assert_geq((uintptr_t)block, (uintptr_t)end_before);
                for (size_t i = 0; i < size; i++)
                        cr_assert_eq(block[i], 0);
                end_before = block + size;
        }
}

Test(bootstrap, what_is_not_its_own_is_not_recognised) {
        int local;

        cr_assert_not(bootstrap_owns(&local));
        cr_assert_not(bootstrap_owns(NULL));
        cr_assert_not(bootstrap_owns(bootstrap_arena + BOOTSTRAP_BYTES));
        cr_assert(bootstrap_owns(bootstrap_arena + BOOTSTRAP_BYTES - 1));
}

Test(bootstrap, a_full_arena_says_enomem) {
        size_t given = 0;

        while (bootstrap_alloc(16, 1000))
                given++;
        cr_assert_eq(errno, ENOMEM);
        cr_assert(given >= BOOTSTRAP_BYTES / 1040 && given <= BOOTSTRAP_BYTES / 1000, "%zu", given);
        errno = 0;
        cr_assert_null(bootstrap_alloc(16, SIZE_MAX - 8));
        cr_assert_eq(errno, ENOMEM);
}
