/*
 * reader/lives.c and replay/lifetimes.c: how long blocks lived, added up, and records of it that are wrong.
 */
#include "base/message.h"
#include "load.h"
#include "reader/lives.h"
#include "replay/lifetimes.h"
#include "trace_builder_bytes.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* Two sites that the next block may name. */
static struct tb *begin(void) {
        struct tb *tb = tb_new(1, MTR_ZSTD);

        tb->numbering = true;
        tb->process_flags = MTR_PROCESS_OWNERS;
        tb_process(tb, "/nonexistent/app", "");
        for (uint32_t i = 0; i < 2; i++)
                tb_site(tb, tb_stack(tb, 0, tb_frame(tb, UINT32_MAX, i, false)), 8, MTR_KIND_MALLOC);
        return tb;
}

TestSuite(lives, .init = message_silence);

static const uint64_t good_row[5] = { 0, 1, 8, 2, 1 };

/* A record of lives whose second row has `value` in `column`; whether it is damage. */
static bool is_damage(int column, uint64_t value) {
        uint64_t second[5];
        struct tb_bytes body = { 0 };
        struct tb *tb = begin();
        struct trace *trace;
        bool damage;

        memcpy(second, good_row, sizeof(second));
        second[1]++;
        if (column >= 0 && column < 5)
                second[column] = value;
        tb_varint(&body, column == 5 ? value : 2);
        for (int i = 0; i < 5; i++) {
                tb_varint(&body, good_row[i]);
                tb_varint(&body, second[i]);
        }
        tb_block(tb);
        tb_record(tb, MTR_LIVES, body.data, column == 6 ? (size_t)value : body.length);
        tb_end(tb, MTR_END_EXITED, 0);
        trace = load(tb);
        damage = trace->reader->damage_count > 0;
        trace_free(trace);
        free(body.data);
        tb_free(tb);
        return damage;
}

Test(lives, lives_that_cannot_be_cost_their_block) {
        cr_assert_not(is_damage(-1, 0));
        cr_assert_not(is_damage(0, 1));
        cr_assert(is_damage(0, 2), "a site that is not defined");
        cr_assert(is_damage(0, UINT64_MAX), "a site beyond all numbers");
        cr_assert(is_damage(1, 0), "distances descend");
        cr_assert(is_damage(1, 1), "a row twice");
        cr_assert_not(is_damage(1, MTR_DISTANCE_UNKNOWN));
        cr_assert(is_damage(1, MTR_DISTANCE_UNKNOWN + 1), "a distance that is none");
        cr_assert(is_damage(2, 7), "they lived longer than their class says");
        cr_assert(is_damage(2, MTR_AGE_CLASS_MAX + 1), "a class that is none");
        cr_assert(is_damage(3, 0), "nothing was freed");
        cr_assert_not(is_damage(3, (UINT64_C(1) << 61) - 1));
        cr_assert(is_damage(3, UINT64_C(1) << 61), "longer together than can be told");
        cr_assert_not(is_damage(4, 2));
        cr_assert(is_damage(4, 3), "more than nine milliseconds each");
        cr_assert(is_damage(5, 3), "a row is missing");
        cr_assert(is_damage(5, UINT64_MAX), "more rows than bytes");
        cr_assert(is_damage(6, 10), "the last number is missing");
}

/* How long they lived together is the least of the class for each and what is told beyond; up to 2^64 - 1. */
Test(lives, least_and_beyond_add_up) {
        static const struct {
                uint64_t age_class, frees, beyond_ms, lived_ms;
                bool wrong;
        } rows[] = {
                { 7, 3, 0, 21, false },
                { 8, 2, 1, 17, false },
                { 8, (UINT64_C(1) << 61) - 1, 7, UINT64_MAX, false },
                { 8, (UINT64_C(1) << 61) - 1, 8, 0, true },
                { MTR_AGE_CLASS_MAX, 1, UINT64_MAX >> 3, UINT64_MAX, false },
                { MTR_AGE_CLASS_MAX, 1, (UINT64_MAX >> 3) + 1, 0, true },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
                struct tb_bytes body = { 0 };
                const char *wrong;
                struct lives lives;

                tb_varint(&body, 1);
                tb_varint(&body, 0);
                tb_varint(&body, 0);
                tb_varint(&body, rows[i].age_class);
                tb_varint(&body, rows[i].frees);
                tb_varint(&body, rows[i].beyond_ms);
                cr_assert_null(lives_begin(&lives, cursor_over(body.data, body.length)));
                cr_assert_eq(lives_next(&lives, &wrong), !rows[i].wrong, "row %zu", i);
                if (!rows[i].wrong)
                        cr_assert_eq(lives.row.lived_ms, rows[i].lived_ms, "row %zu", i);
                free(body.data);
        }
}

/* The classes join without a gap, four to an octave, and number 4 * (b - 1) + two bits. */
Test(lives, classes_of_age) {
        static const struct {
                uint64_t ms;
                unsigned age_class;
        } known[] = { { 0, 0 },   { 1, 1 },   { 3, 3 },     { 4, 4 },
                      { 7, 7 },   { 8, 8 },   { 9, 8 },     { 10, 9 },
                      { 15, 11 }, { 16, 12 }, { 1000, 35 }, { UINT64_MAX, MTR_AGE_CLASS_MAX } };

        for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
                cr_assert_leq(lives_least_ms(known[i].age_class), known[i].ms, "%lu ms", known[i].ms);
                cr_assert_geq(lives_most_ms(known[i].age_class), known[i].ms, "%lu ms", known[i].ms);
        }
        for (unsigned i = 0; i < MTR_AGE_CLASS_MAX; i++)
                cr_assert_eq(lives_most_ms(i) + 1, lives_least_ms(i + 1));
}

/* Rows of three blocks; the last one's are the second's once more. */
static struct tb *three_records(void) {
        struct tb *tb = begin();

        tb_lives(tb, 0, 0, 0, 5, 0);
        tb_lives(tb, 0, 1, 2, 7, 14);
        tb_lives(tb, 1, MTR_DISTANCE_UNKNOWN, 0, 3, 0);
        for (int i = 0; i < 2; i++) {
                tb_block(tb);
                tb_lives(tb, 0, 14, 2, 1, 2);
                tb_lives(tb, 0, MTR_DISTANCE_FAR, 2, 10, 20);
                tb_lives(tb, 0, MTR_DISTANCE_OTHER, 9, 4, 43);
                tb_lives(tb, 1, 0, 1, 2, 2);
        }
        tb_end(tb, MTR_END_EXITED, 0);
        return tb;
}

static void is_site(const struct lifetimes_site *site, uint64_t frees, uint64_t unknown,
                    uint64_t other_thread, uint64_t temporary, uint64_t lived_ms) {
        cr_assert_eq(site->frees, frees);
        cr_assert_eq(site->unknown, unknown);
        cr_assert_eq(site->other_thread, other_thread);
        cr_assert_eq(site->temporary, temporary);
        cr_assert_eq(site->lived_ms, lived_ms);
}

static void is_class(const struct lifetimes_class *one, uint32_t age_class, uint64_t frees) {
        cr_assert_eq(one->age_class, age_class);
        cr_assert_eq(one->frees, frees);
}

Test(lives, all_records_are_added_up) {
        struct tb *tb = three_records();
        struct trace *trace = load(tb);
        struct lifetimes lifetimes;
        const struct lifetimes_class *classes;
        size_t count;

        cr_assert_eq(lifetimes_read(trace, &lifetimes), 0);
        is_site(&lifetimes.sites[0], 42, 0, 8, 5, 14 + 44 + 86);
        is_site(&lifetimes.sites[1], 7, 3, 0, 4, 4);
        is_site(&lifetimes.all, 49, 3, 8, 9, 148);
        classes = lifetimes_classes(&lifetimes, 0, &count);
        cr_assert_eq(count, 3);
        is_class(&classes[0], 0, 5);
        is_class(&classes[1], 2, 29);
        is_class(&classes[2], 9, 8);
        classes = lifetimes_classes(&lifetimes, 1, &count);
        cr_assert_eq(count, 1, "what is unknown has no class");
        is_class(&classes[0], 1, 4);
        lifetimes_classes(&lifetimes, 2, &count);
        cr_assert_eq(count, 0);
        lifetimes_deinit(&lifetimes);
        trace_free(trace);
        tb_free(tb);
}

Test(lives, a_lost_block_takes_its_own) {
        struct tb *tb = three_records();
        struct trace *trace = load(tb);
        struct lifetimes lifetimes;

        reader_spoil(trace->reader, 1, "lost");
        cr_assert_eq(lifetimes_read(trace, &lifetimes), 0);
        is_site(&lifetimes.all, 32, 3, 4, 7, 14 + 67);
        lifetimes_deinit(&lifetimes);
        trace_free(trace);
        tb_free(tb);
}

Test(lives, temporaries_as_wide_as_asked) {
        static const struct {
                unsigned most;
                uint64_t first, second;
        } wide[] = { { 0, 5, 4 }, { 1, 12, 4 }, { 13, 12, 4 }, { 14, 14, 4 } };
        struct tb *tb = three_records();
        struct trace *trace = load(tb);
        struct replay replay;

        cr_assert_eq(replay_init(&replay, trace), 0);
        for (size_t i = 0; i < sizeof(wide) / sizeof(*wide); i++) {
                cr_assert_eq(lifetimes_widen_temporary(&replay, wide[i].most), 0);
                cr_assert_eq(replay.sites[0].temporary, wide[i].first, "within %u", wide[i].most);
                cr_assert_eq(replay.sites[1].temporary, wide[i].second, "within %u", wide[i].most);
        }
        replay_deinit(&replay);
        trace_free(trace);
        tb_free(tb);
}
