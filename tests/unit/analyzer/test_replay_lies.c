/*
 * replay/: small traces whose events, headers or checkpoints cannot be, or contradict each other.
 */
#include "base/message.h"
#include "load.h"
#include "replay/replay.h"

#include <criterion/criterion.h>

#define MS 1000000u

TestSuite(replay_lies, .init = message_silence);

static struct replay *small(struct tb *tb, struct replay *replay) {
        struct trace *trace;

        tb_end(tb, MTR_END_EXITED, 0);
        trace = load(tb);
        cr_assert_eq(replay_init(replay, trace), 0);
        cr_assert_eq(replay_to(replay, replay_end(trace), REPLAY_FROM_BEGINNING), 0);
        return replay;
}

static void small_done(struct tb *tb, struct replay *replay) {
        struct trace *trace = replay->trace;

        replay_deinit(replay);
        trace_free(trace);
        tb_free(tb);
}

Test(replay_lies, live_counts_never_go_below_zero) {
        struct tb *tb = tb_new(1, MTR_STORED);
        uint32_t site = tb_site(tb, 0, 8, MTR_KIND_MALLOC);
        struct replay replay;

        tb_alloc(tb, site);
        tb_release(tb, site, false);
        tb_event_raw(tb, site << 2 | MTR_FREE);
        tb->header.event_count++;
        small(tb, &replay);
        cr_assert_eq(replay.bad_events, 1);
        cr_assert_eq(replay.sites[0].live_blocks, 0);
        cr_assert_eq(replay.totals.live_bytes, 0);
        cr_assert_eq(replay.totals.frees, 1);
        cr_assert_eq(replay.mismatches, 0, "%s", replay.first_mismatch);
        small_done(tb, &replay);
}

Test(replay_lies, an_unknown_site_is_passed_over) {
        struct tb *tb = tb_new(1, MTR_STORED);
        uint32_t site = tb_site(tb, 0, 8, MTR_KIND_MALLOC);
        struct replay replay;

        tb_event_raw(tb, (uint64_t)1 << 2 | MTR_ALLOC);
        tb_event_raw(tb, UINT64_MAX & ~3ull);
        tb->header.event_count += 2;
        tb_alloc(tb, site);
        small(tb, &replay);
        cr_assert_eq(replay.bad_events, 2);
        cr_assert_eq(replay.totals.allocations, 1);
        small_done(tb, &replay);
}

/* A site may be used in the block that defines it, or later: never earlier. */
Test(replay_lies, a_site_of_a_later_block_is_unknown) {
        struct tb *tb = tb_new(1, MTR_STORED);
        struct replay replay;

        tb_event_raw(tb, (uint64_t)0 << 2 | MTR_ALLOC);
        tb->header.event_count++;
        tb_block(tb);
        tb_site(tb, 0, 8, MTR_KIND_MALLOC);
        small(tb, &replay);
        cr_assert_eq(replay.bad_events, 1);
        cr_assert_eq(replay.totals.allocations, 0);
        small_done(tb, &replay);
}

Test(replay_lies, each_header_field_is_held_against_the_events) {
        for (int field = 0; field < 7; field++) {
                struct tb *tb = tb_new(1, MTR_STORED);
                uint32_t site = tb_site(tb, 0, 8, MTR_KIND_MALLOC);
                struct replay replay;

                tb_alloc(tb, site);
                tb_block(tb);
                tb_at(tb, 5 * MS);
                tb_alloc(tb, site);
                tb->header.event_count += field == 1;
                tb->header.peak_bytes += field == 2;
                tb->header.live_bytes_begin += field == 3;
                tb->header.last_time_ns += field == 4 ? MS : 0;
                tb->header.live_blocks_begin += field == 5;
                tb->header.peak_time_ns += field == 6 ? MS : 0;
                small(tb, &replay);
                cr_assert_eq(replay.mismatches, field > 0, "field %d: %s", field, replay.first_mismatch);
                small_done(tb, &replay);
        }
}

Test(replay_lies, a_false_checkpoint_is_noticed) {
        struct tb *tb = tb_new(1, MTR_STORED);
        uint32_t site = tb_site(tb, 0, 8, MTR_KIND_MALLOC);
        struct replay replay;

        tb_alloc(tb, site);
        tb_block(tb);
        tb->site_books[site].live++;
        tb_checkpoint(tb);
        tb->site_books[site].live--;
        tb_alloc(tb, site);
        small(tb, &replay);
        cr_assert_geq(replay.mismatches, 1);
        small_done(tb, &replay);
}

Test(replay_lies, streams_that_lie_spoil_their_block) {
        static const uint64_t lies[] = {
                (uint64_t)9 << 3 | MTR_CONTROL, /* thread 9 */
                ~0ull,                          /* time beyond all time */
        };

        for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
                struct tb *tb = tb_new(1, MTR_STORED);
                struct replay replay;

                tb_event_raw(tb, lies[i]);
                small(tb, &replay);
                cr_assert_eq(replay.trace->reader->damage_count, 1, "lie %zu", i);
                small_done(tb, &replay);
        }
}
