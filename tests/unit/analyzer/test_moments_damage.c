/*
 * replay/moment.c and range.c: moments whose block or checkpoint turns out to be spoilt.
 */
#include "base/message.h"
#include "load.h"
#include "replay/range.h"

#include <criterion/criterion.h>

#define MS 1000000u

TestSuite(moments_damage, .init = message_silence);

/* Ends the trace and asks for WHEN: how many blocks are live there. */
static void has_live(struct tb *tb, const char *when, uint64_t live_blocks) {
        struct moment moment;
        struct replay replay;
        struct trace *trace;
        uint64_t time_ns;

        tb_end(tb, MTR_END_EXITED, 0);
        trace = load_whole(tb);
        cr_assert_eq(moment_read(when, &moment), 0);
        cr_assert_eq(moment_replay(trace, moment, REPLAY_FROM_CHECKPOINT, &replay, &time_ns), 0);
        cr_assert_eq(replay.totals.live_blocks, live_blocks, "%s", when);
        cr_assert_eq(trace->reader->damage_count, 1);
        replay_deinit(&replay);
        trace_free(trace);
        tb_free(tb);
}

/* A block that turns out spoilt, when its events are counted or when they are run, is left out. */
Test(moments_damage, a_spoilt_block_gives_way_to_the_one_before) {
        static const char *const whens[] = { "5ms", "9ms", "100%" };

        for (size_t i = 0; i < sizeof(whens) / sizeof(*whens); i++) {
                struct tb *tb = tb_new(1, MTR_STORED);
                uint32_t site = tb_site(tb, 0, 8, MTR_KIND_MALLOC);

                tb_at(tb, 2 * MS);
                tb_alloc(tb, site);
                tb_block(tb);
                tb_at(tb, 4 * MS);
                tb_alloc(tb, site);
                tb_event_raw(tb, ~0ull); /* a time beyond all time */
                tb_at(tb, 9 * MS);
                tb_alloc(tb, site);
                has_live(tb, whens[i], 1);
        }
}

/* So is a checkpoint: the state comes from farther back then. */
Test(moments_damage, a_spoilt_checkpoint_gives_way_to_the_one_before) {
        struct tb *tb = tb_new(1, MTR_STORED);
        uint32_t site = tb_site(tb, 0, 8, MTR_KIND_MALLOC);

        tb_alloc(tb, site);
        tb_block(tb);
        tb_record(tb, MTR_CHECKPOINT, "\1\7\1", 3); /* of a site that is not there */
        tb->header.flags |= MTR_BLOCK_CHECKPOINT;
        tb_alloc(tb, site);
        tb_block(tb);
        tb_at(tb, 2 * MS);
        tb_alloc(tb, site);
        has_live(tb, "2ms", 2);
}

/* What is between a start whose block is lost and the end is all that is left. */
Test(moments_damage, from_a_start_that_is_spoilt) {
        struct tb *tb = tb_new(1, MTR_STORED);
        uint32_t site = tb_site(tb, 0, 8, MTR_KIND_MALLOC);
        struct moment start, end;
        struct trace *trace;
        struct range range;

        tb_alloc(tb, site);
        tb_event_raw(tb, ~0ull);
        tb_alloc(tb, site);
        tb_block(tb);
        tb_alloc(tb, site);
        tb_alloc(tb, site);
        tb_end(tb, MTR_END_EXITED, 0);
        trace = load(tb);
        cr_assert_eq(moment_read("start", &start), 0);
        cr_assert_eq(moment_read("end", &end), 0);
        cr_assert_eq(range_replay(trace, &start, &end, REPLAY_FROM_BEGINNING, NULL, &range), 0);
        cr_assert_eq(trace->reader->damage_count, 1);
        cr_assert_eq(range.more.sites[0].live_blocks, 2);
        cr_assert_eq(range.more.sites[0].allocations, 2);
        cr_assert_eq(range.less.sites[0].live_blocks, 0);
        range_deinit(&range);
        trace_free(trace);
        tb_free(tb);
}
