/*
 * judge/stacks: which domain a stack's blocks are of.
 */
#include "judge/stacks.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct stacks stacks;

static void begin(void) {
        stacks_init(&stacks);
}

static void end(void) {
        stacks_deinit(&stacks);
}

TestSuite(stacks, .init = begin, .fini = end);

static uint32_t put(uint8_t kind) {
        static const struct symbol_frame frame = { .file = "a.c", .line = 1, .has_line = true };
        const struct symbol_frame *frames[] = { &frame };
        uint32_t number;

        cr_assert_eq(stacks_put(&stacks, &(struct charge_frames){ frames, 1, 1 }, 0, kind, &number), 0);
        return number;
}

static uint8_t kind_of(const char *name) {
        uint8_t kind = 0;

        cr_assert_eq(stacks_domain(&stacks, name, &kind), 0);
        return kind;
}

Test(stacks, a_domain_is_the_same_by_its_name) {
        uint8_t pool = kind_of("pool"), jit = kind_of("jit");

        cr_assert_neq(pool, jit);
        stacks_begin(&stacks); /* another trace, with the same name by another number */
        cr_assert_eq(kind_of("jit"), jit);
        cr_assert_eq(kind_of("pool"), pool);
        cr_assert_neq(put(pool), put(jit));
        cr_assert_eq(put(pool), put(pool));
        cr_assert_str_eq(stacks_domain_name(&stacks, put(pool)), "pool");
        cr_assert_str_eq(stacks_domain_name(&stacks, put(jit)), "jit");
        cr_assert_null(stacks_domain_name(&stacks, put(0)));
        cr_assert_null(stacks_domain_name(&stacks, put(MTR_KIND_COUNT)));
}

Test(stacks, domains_beyond_a_number_have_no_name) {
        char name[20];

        for (unsigned i = 0; i < STACKS_DOMAINS_MAX + 3; i++) {
                unsigned at = i < STACKS_DOMAINS_MAX ? i : STACKS_DOMAINS_MAX;

                snprintf(name, sizeof(name), "%u", i);
                cr_assert_eq(kind_of(name), MTR_KIND_DOMAIN + at);
        }
        snprintf(name, sizeof(name), "%u", STACKS_DOMAINS_MAX - 1);
        cr_assert_str_eq(stacks_domain_name(&stacks, put(MTR_KIND_DOMAIN + STACKS_DOMAINS_MAX - 1)), name);
        cr_assert_null(stacks_domain_name(&stacks, put(MTR_KIND_DOMAIN + STACKS_DOMAINS_MAX)));
        cr_assert_eq(MTR_KIND_DOMAIN + STACKS_DOMAINS_MAX, UINT8_MAX);
}
