/* Whose blocks were freed, after how many allocations and how much time: exact for what is known exactly. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <unistd.h>

#include "collector/lives.h"
#include "stage.h"

#define A UINT64_C(0x555500001000)
#define B UINT64_C(0x555500002000)
#define FILLER UINT64_C(0x7f0000000000)
#define US UINT64_C(1000)

static struct stage *stage;
static uint64_t fillers;

static void begin(void) {
        stage = stage_new(3);
        fillers = 0;
        for (uint32_t ring = 0; ring < 3; ring++)
                play_thread(stage, ring, 100 + ring);
}

static void turn_after(uint64_t ns) {
        stage_pass(stage, ns);
        (void)stage_turn(stage);
}

/* The ring's thread allocates as many blocks as asked, which stay. */
static void fill(uint32_t ring, uint32_t count, uint64_t time) {
        for (uint32_t i = 0; i < count; i++)
                play_alloc(stage, ring, FILLER + 16 * fillers++, 0, 999, time);
}

static void expect(const char *lives, const char *owners) {
        struct seen *seen;

        turn_after(STAGE_MS);
        seen = stage_finish(stage);
        cr_assert_str_eq(seen_lives(seen), lives, "%s", seen_lives(seen));
        cr_assert_str_eq(seen_owners(seen), owners, "%s", seen_owners(seen));
        cr_assert(seen->process.flags & MTR_PROCESS_OWNERS);
        cr_assert_eq(seen->lives_count, lives[0] != '\0', "once, in the block with the end");
        seen_free(seen);
        stage_free(stage);
}

TestSuite(lives, .init = begin);

Test(lives, no_frees_no_lives) {
        play_alloc(stage, 0, A, 0, 1, 10 * US);
        expect("", "");
}

Test(lives, distance_counts_the_threads_own_allocations) {
        play_alloc(stage, 0, A, 0, 1, 10 * US);
        play_alloc(stage, 0, B, 0, 2, 11 * US);
        fill(1, 5, 12 * US);
        fill(0, 1, 13 * US);
        play_free(stage, 0, B, 14 * US);
        play_free(stage, 0, A, 15 * US);
        play_alloc(stage, 0, A, 0, 2, 16 * US);
        play_free(stage, 0, A, 17 * US);
        expect("2:0x1=0 0:0x1=0 1:0x1=0", "0 0 0");
}

Test(lives, distance_is_exact_below_15) {
        play_alloc(stage, 0, A, 0, 1, 10 * US);
        fill(0, 14, 11 * US);
        play_free(stage, 0, A, 12 * US);
        play_alloc(stage, 0, A, 0, 1, 13 * US);
        fill(0, 15, 14 * US);
        play_free(stage, 0, A, 15 * US);
        play_alloc(stage, 0, A, 0, 1, 16 * US);
        fill(0, 16, 17 * US);
        play_free(stage, 0, A, 18 * US);
        expect("14:0x1=0 15:0x2=0", "0 0 0");
}

/* However the count of allocations runs over, in 8, 16 or 32 bits. */
Test(lives, distance_is_exact_after_very_many_allocations) {
        static const uint64_t before[] = { 0xff, 0xffff, 0xffffffff };

        for (uint32_t i = 0; i < 3; i++) {
                turn_after(STAGE_MS);
                heap_lane(&stage->trace->heap, 0)->allocated = before[i];
                play_alloc(stage, 0, A, 0, 1, 0);
                play_alloc(stage, 0, B, 0, 1, 0);
                fill(0, 3, 0);
                play_free(stage, 0, B, 0);
                turn_after(STAGE_MS);
                /* As many more as run over all of it. */
                heap_lane(&stage->trace->heap, 0)->allocated += before[i] + 1 - 16;
                fill(0, 16, 0);
                play_free(stage, 0, A, 0);
        }
        expect("3:0x3=0 15:0x3=0", "0 0 0 0 0 0");
}

/* Of one age class in all records together. */
static struct seen_life of_class(const struct seen *seen, uint64_t age_class) {
        struct seen_life sum = { .age_class = age_class };

        for (uint32_t i = 0; i < seen->life_count; i++) {
                if (seen->lives[i].age_class == age_class) {
                        sum.frees += seen->lives[i].frees;
                        sum.ms += seen->lives[i].ms;
                }
        }
        return sum;
}

Test(lives, age_is_what_the_streams_time_advanced) {
        static const uint64_t ages_ms[] = { 0, 1, 3, 4, 5, 7, 8, 9, 10, 15, 16, 1000, 100000 };
        static const struct {
                uint64_t age_class, frees, ms;
        } expected[] = { { 0, 1, 0 },   { 1, 1, 1 },     { 2, 0, 0 },      { 3, 1, 3 },  { 4, 1, 4 },
                         { 5, 1, 5 },   { 7, 1, 7 },     { 8, 2, 17 },     { 9, 1, 10 }, { 11, 1, 15 },
                         { 12, 1, 16 }, { 35, 1, 1000 }, { 62, 1, 100000 } };
        uint64_t now_ms = 1;
        struct seen *seen;

        for (uint32_t i = 0; i < sizeof(ages_ms) / sizeof(ages_ms[0]); i++) {
                play_alloc(stage, 0, A, 0, 1, now_ms * STAGE_MS + 999 * US);
                now_ms += ages_ms[i];
                play_free(stage, 1, A, now_ms * STAGE_MS + 999 * US);
                now_ms++;
        }
        turn_after(200000 * STAGE_MS);
        seen = stage_finish(stage);
        cr_assert_eq(seen->life_count, 12);
        for (uint32_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
                cr_assert_eq(of_class(seen, expected[i].age_class).frees, expected[i].frees, "%u", i);
                cr_assert_eq(of_class(seen, expected[i].age_class).ms, expected[i].ms, "%u", i);
        }
        seen_free(seen);
        stage_free(stage);
}

/* Longer than 32 bits of milliseconds tell, it counts as 24 days and what was added since. */
Test(lives, no_age_runs_over) {
        struct seen *seen;
        uint64_t now_ms = 0;

        play_alloc(stage, 0, A, 0, 1, 10 * US);
        play_alloc(stage, 0, B, 0, 1, 10 * US); /* stays: the site's ages do not add up */
        for (uint32_t i = 1; i <= 36; i++) {
                turn_after(STAGE_MS << 27);
                now_ms += UINT64_C(1) << 27;
                fill(1, 1, now_ms * STAGE_MS - STAGE_MS / 2);
                (void)stage_turn(stage);
        }
        play_free(stage, 0, A, now_ms * STAGE_MS);
        turn_after(STAGE_MS);
        seen = stage_finish(stage);
        cr_assert_eq(seen->life_count, 1);
        cr_assert_geq(seen->lives[0].ms, UINT64_C(1) << 31);
        cr_assert_leq(seen->lives[0].ms, UINT64_C(3) << 30);
        seen_free(seen);
        stage_free(stage);
}

Test(lives, another_threads_block_is_told_with_its_owner) {
        play_alloc(stage, 0, A, 0, 1, 10 * US);
        play_alloc(stage, 2, B, 0, 1, 11 * US);
        play_free(stage, 1, A, 12 * US);
        play_free(stage, 0, B, 13 * US);
        play_alloc(stage, 1, A, 0, 1, 14 * US);
        play_free(stage, 1, A, 15 * US);
        play_free(stage, 1, A, 16 * US);
        expect("0:0x1=0 16:0x2=0", "0 2 1");
}

Test(lives, owners_stand_at_their_events_in_each_block) {
        struct seen *seen;

        play_alloc(stage, 0, A, 0, 1, 10 * US);
        play_alloc(stage, 1, B, 0, 1, 11 * US);
        turn_after(STAGE_MS);
        turn_after(40 * STAGE_MS);
        /* This block's stream is at thread 0, who allocated A, before it is at another. */
        play_free(stage, 0, A, 41 * STAGE_MS);
        play_free(stage, 2, B, 41 * STAGE_MS + US);
        turn_after(STAGE_MS);
        turn_after(40 * STAGE_MS);
        seen = stage_finish(stage);
        cr_assert_gt(seen->block_count, 3);
        cr_assert_str_eq(seen_owners(seen), "0 1");
        cr_assert_eq(seen->owner_count, 1);
        seen_free(seen);
        stage_free(stage);
}

Test(lives, a_thread_that_takes_the_ring_over_is_another) {
        play_alloc(stage, 0, A, 0, 1, 10 * US);
        play_thread(stage, 0, 200);
        play_alloc(stage, 0, B, 0, 1, 11 * US);
        play_free(stage, 0, A, 12 * US);
        play_free(stage, 0, B, 13 * US);
        expect("0:0x1=0 16:0x1=0", "0 3");
}

Test(lives, a_realloc_ends_a_block_as_a_free_does) {
        play_alloc(stage, 0, A, 0, 1, 10 * US);
        play_op(stage, 1, RECORD_REALLOC_BEGIN, A, 11 * US);
        play_done(stage, 1, B, 0, 2, 12 * US); /* another thread's */
        fill(1, 1, 13 * US);
        play_op(stage, 1, RECORD_REALLOC_BEGIN, B, 14 * US);
        play_done(stage, 1, B, 0, 3, 15 * US); /* in place */
        fill(1, 2, 16 * US);
        play_op(stage, 1, RECORD_REALLOC_BEGIN, B, 17 * US);
        play_op(stage, 1, RECORD_REALLOC_FAILED, B, 18 * US);
        fill(1, 1, 19 * US);
        play_free(stage, 1, B, 20 * US);
        expect("16:0x1=0 1:0x1=0 3:0x1=0", "0 1 1");
}

Test(lives, what_comes_before_its_allocation_is_another_threads) {
        play_free(stage, 1, A, 99 * US);
        play_alloc(stage, 0, A, 0, 1, 100 * US);
        play_op(stage, 2, RECORD_REALLOC_BEGIN, B, 199 * US);
        play_alloc(stage, 0, B, 0, 2, 200 * US);
        play_done(stage, 2, A, 0, 3, 201 * US);
        /* In the stream its free stands where its thread does. */
        expect("16:0x1=0 16:0x1=0", "0 0");
}

Test(lives, an_allocation_that_waits_for_its_address_keeps_its_own) {
        play_alloc(stage, 0, A, 0, 1, 10 * US);
        play_alloc(stage, 1, A, 0, 2, 100 * US);
        play_alloc(stage, 2, A, 0, 3, 102 * US);
        play_free(stage, 0, A, 104 * US);
        play_free(stage, 1, A, 105 * US);
        play_free(stage, 0, A, 106 * US);
        expect("0:0x1=0 0:0x1=0 16:0x1=0", "0 1 2");
}

Test(lives, the_address_allocated_last_is_a_temporary_whichever_block_it_ends) {
        play_alloc(stage, 0, A, 0, 1, 10 * US);
        play_alloc(stage, 0, A, 0, 2, 11 * US);
        play_free(stage, 0, A, 12 * US);
        play_free(stage, 1, A, 13 * US);
        expect("0:0x1=0 16:0x1=0", "0 0");
}

Test(lives, of_a_free_that_nobody_saw_only_the_owner_is_known) {
        play_alloc(stage, 0, A, 0, 1, 10 * US);
        play_alloc(stage, 1, A, 0, 2, 11 * US);
        play_alloc(stage, 2, B, 0, 3, 12 * US);
        expect("17:0x1=0", "0");
}

/* The table of lives grows, is written and begins anew, whenever that is cheap beside the rest of the file.
 */
Test(lives, many_rows_in_many_records_add_up) {
        struct seen *seen;
        uint64_t state = 1;

        for (uint32_t turn = 0; turn < 300; turn++) {
                for (uint32_t i = 0; i < 3000; i++) {
                        uint64_t address;

                        state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
                        address = A + 16 * (state >> 48 & 7);
                        play_free(stage, 0, address, 0);
                        play_alloc(stage, 0, address, 0, state >> 33 & 511, 0);
                }
                turn_after(STAGE_MS);
        }
        seen = stage_finish(stage);
        /* At most a sixteenth of the file at three bytes a row. */
        cr_assert_lt(seen->life_count * UINT64_C(48), (uint64_t)lseek(stage->fd, 0, SEEK_END));
        cr_assert_gt(seen->lives_count, 1);
        cr_assert_gt(seen->life_count, 1000);
        seen_free(seen);
        stage_free(stage);
}

/* A table of lives and its sites, without a trace. */
struct table {
        struct lives lives;
        struct sites sites;
        struct buffer payload;
};

static void table_init(struct table *table, uint32_t site_count) {
        *table = (struct table){ 0 };
        cr_assert(lives_init(&table->lives) && sites_init(&table->sites));
        cr_assert(array_reserve(&table->sites.sites, site_count * sizeof(struct site)));
        for (uint32_t i = 0; i < site_count; i++)
                *sites_at(&table->sites, i) = (struct site){ .lived = { SITE_CELL_EMPTY, SITE_CELL_EMPTY } };
        table->sites.count = site_count;
}

static void table_deinit(struct table *table) {
        buffer_deinit(&table->payload);
        sites_deinit(&table->sites);
        lives_deinit(&table->lives);
}

static void add(struct table *table, uint32_t site, uint32_t distance, uint32_t ms) {
        lives_add(&table->lives, &table->sites, site, distance, ms);
}

/* What it tells is so many bytes, and nothing is left. */
static void tells(struct table *table, const char *bytes, size_t length) {
        table->payload.used = 0;
        cr_assert(lives_define(&table->lives, &table->sites, &table->payload));
        cr_assert_eq(table->payload.used, length, "%zu bytes", table->payload.used);
        cr_assert_eq(memcmp(table->payload.bytes.data, bytes, length), 0);
        lives_block_begin(&table->lives);
        cr_assert_eq(lives_rows(&table->lives), 0);
        for (uint32_t i = 0; i < table->sites.count; i++) {
                cr_assert_eq(sites_at(&table->sites, i)->lived[0], SITE_CELL_EMPTY);
                cr_assert_eq(sites_at(&table->sites, i)->lived[1], SITE_CELL_EMPTY);
        }
}

/* The first and the third kind come again, so that each has been in a cell and in the table. */
Test(lives, more_kinds_than_a_site_has_cells) {
        struct table table;

        table_init(&table, 3);
        for (uint32_t i = 0; i < 3; i++) {
                add(&table, 2, 3, 9);
                add(&table, 2, 3, 9);
                add(&table, 2, 0, 0);
                add(&table, 0, MTR_DISTANCE_UNKNOWN, UINT32_MAX >> 1);
                add(&table, 2, 3, 7);
        }
        tells(&table, "\4\0\2\0\0\x11\0\3\3\x77\0\7\x08\3\3\3\6\xfd\xff\xff\xff\2\0\0\6", 25);
        table_deinit(&table);
}

/* Neither sum of a cell runs over: then it begins anew. */
Test(lives, a_cell_that_is_full_goes_to_the_table) {
        struct table table;

        table_init(&table, 8);
        for (uint32_t i = 0; i < 1u << 22; i++)
                add(&table, 7, 3, 2);
        cr_assert_eq(lives_rows(&table.lives), 2);
        tells(&table, "\1\7\3\2\x80\x80\x80\2\0", 9);
        for (uint32_t i = 0; i < 1u << 12; i++)
                add(&table, 7, 3, UINT32_MAX);
        tells(&table, "\1\7\3\x7b\x80\x20\x80\xe0\xff\xff\xff\x3f", 12);
        table_deinit(&table);
}

/* Rows are bounded: then a block is written, whatever it costs. */
Test(lives, the_table_takes_as_many_rows_as_fit_a_block) {
        struct table table;

        table_init(&table, LIVES_ROWS_MAX);
        for (uint32_t i = 0; i < LIVES_ROWS_MAX; i++) {
                cr_assert_eq(lives_rows(&table.lives), i);
                add(&table, i, 3, 2);
        }
        cr_assert(lives_define(&table.lives, &table.sites, &table.payload));
        cr_assert_leq(table.payload.used, lives_bytes_max(&table.lives));
        table_deinit(&table);
}

Test(lives, a_block_is_full_of_owners_too) {
        struct seen *seen;
        bool full = false;

        turn_after(STAGE_MS);
        for (uint32_t i = 0; i < 250000; i++) {
                play_alloc(stage, 0, A, 0, 1, 10 * US + 2 * i);
                play_free(stage, 1, A, 10 * US + 2 * i + 1);
                if (i % 500 == 0)
                        turn_after(0);
        }
        turn_after(STAGE_MS);
        seen = stage_finish(stage);
        for (uint32_t i = 0; i < seen->block_count; i++) {
                cr_assert_lt(seen->blocks[i].header.raw_bytes, (1u << 20) + 2000);
                full |= seen->blocks[i].header.raw_bytes >= 1u << 20;
        }
        cr_assert(full);
        seen_free(seen);
        stage_free(stage);
}
