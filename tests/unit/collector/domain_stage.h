/*
 * A stage on which programs report domains of their own, and what a domain's end is held against: for the
 * tests of domains in the collector.
 */
#ifndef MEMTRACE_TESTS_COLLECTOR_DOMAIN_STAGE_H
#define MEMTRACE_TESTS_COLLECTOR_DOMAIN_STAGE_H

#include <criterion/criterion.h>

#include "stage.h"

#define A UINT64_C(0x555500001000)
#define B UINT64_C(0x555500002000)
#define C UINT64_C(0x555500003000)
#define US UINT64_C(1000)

static struct stage *stage;

static inline void begin_with(uint32_t rings) {
        stage = stage_new(rings);
        for (uint32_t ring = 0; ring < rings; ring++)
                play_thread(stage, ring, 100 + ring);
}

static inline void begin(void) {
        begin_with(1);
}

static inline struct seen *expect(const char *story) {
        struct seen *seen;

        stage_pass(stage, STAGE_MS);
        (void)stage_turn(stage);
        seen = stage_finish(stage);
        cr_assert_str_eq(seen_story(seen), story);
        cr_assert_eq(seen->end.lost, 0);
        return seen;
}

static inline void done(struct seen *seen) {
        seen_free(seen);
        stage_free(stage);
}

static inline void is_end(const struct seen *seen, uint32_t domain, struct seen_books books, uint64_t foreign,
                          uint64_t twice) {
        const struct seen_domain *is = &seen->domains[domain - 1];

        cr_assert_eq(is->end.allocations, books.allocations);
        cr_assert_eq(is->end.frees, books.frees);
        cr_assert_eq(is->end.temporary, books.temporary);
        cr_assert_eq(is->end.allocated_bytes, books.allocated_bytes);
        cr_assert_eq(is->end.peak_bytes, books.peak_bytes);
        cr_assert_eq(is->end.live_bytes, books.live_bytes);
        cr_assert_eq(is->end.live_blocks, books.live_blocks);
        cr_assert_eq(is->foreign_frees, foreign);
        cr_assert_eq(is->twice, twice);
}

#endif
