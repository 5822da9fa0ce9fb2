/*
 * replay/: exact to the event, at any instant, with and without checkpoints, and with blocks lost.
 */
#include "base/message.h"
#include "load.h"
#include "replay/moment.h"
#include "replay/replay.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define MS 1000000u
#define SITES 50
#define BLOCKS 12
#define BLOCK_EVENTS 400

/* What the replay must find at each block's begin and at the peak. */
struct truth {
        uint64_t live[BLOCKS + 1][SITES];
        uint64_t high[BLOCKS + 1][SITES]; /* the most live bytes at one of the site's allocations so far */
        uint64_t peak[SITES], peak_bytes, peak_time_ns;
        struct mtr_end end;
};

static void note_high(const struct tb *tb, uint64_t *high_bytes) {
        if (tb->live_bytes > *high_bytes)
                *high_bytes = tb->live_bytes;
}

static void note_live(const struct tb *tb, uint64_t live[SITES]) {
        for (int i = 0; i < SITES; i++)
                live[i] = tb->site_books[i].live;
}

/* A random walk; a checkpoint before every third block, and frames of several blocks, when asked. */
static struct tb *walk(struct truth *truth, bool checkpoints, uint32_t frame_blocks, unsigned seed) {
        struct tb *tb = tb_new(1, MTR_ZSTD);

        memset(truth, 0, sizeof(*truth));
        tb->numbering = true;
        tb->frame_blocks = frame_blocks;
        tb_process(tb, "/nonexistent/app", "");
        tb_thread(tb, 1, "a");
        for (uint32_t i = 0; i < SITES; i++)
                tb_site(tb, tb_stack(tb, 0, tb_frame(tb, UINT32_MAX, i, false)), 1 + i * 37, MTR_KIND_MALLOC);
        srandom(seed);
        for (int block = 0; block < BLOCKS; block++) {
                if (block > 0) {
                        tb_block(tb);
                        if (checkpoints && block % 3 == 0)
                                tb_checkpoint(tb);
                }
                note_live(tb, truth->live[block]);
                memcpy(truth->high[block + 1], truth->high[block], sizeof(truth->high[block]));
                for (int i = 0; i < BLOCK_EVENTS; i++) {
                        uint32_t site = (uint32_t)(random() % SITES);

                        tb_at(tb, tb->time_ns + (uint64_t)(random() % (MS / 10)));
                        if (tb->site_books[site].live == 0 || random() % 100 < (block < 7 ? 65 : 35)) {
                                tb_alloc(tb, site);
                                note_high(tb, &truth->high[block + 1][site]);
                        } else
                                tb_release(tb, site, random() % 2);
                        if (tb->live_bytes > truth->peak_bytes) {
                                truth->peak_bytes = tb->live_bytes;
                                truth->peak_time_ns = tb->time_ns;
                                note_live(tb, truth->peak);
                        }
                }
        }
        note_live(tb, truth->live[BLOCKS]);
        tb_end(tb, MTR_END_EXITED, 0);
        truth->end = tb->end;
        return tb;
}

static void has_live(const struct replay *replay, const uint64_t live[SITES], const char *where) {
        uint64_t bytes = 0, blocks = 0;

        for (int i = 0; i < SITES; i++) {
                cr_assert_eq(replay->sites[i].live_blocks, live[i], "%s, site %d", where, i);
                bytes += live[i] * replay->sites[i].size_bytes;
                blocks += live[i];
        }
        cr_assert_eq(replay->totals.live_bytes, bytes, "%s", where);
        cr_assert_eq(replay->totals.live_blocks, blocks, "%s", where);
}

TestSuite(replay, .init = message_silence);

Test(replay, to_the_end_is_exact) {
        struct truth truth;
        struct tb *tb = walk(&truth, true, 0, 1);
        struct trace *trace = load(tb);
        struct replay replay;

        cr_assert_eq(replay_init(&replay, trace), 0);
        cr_assert_eq(replay_to(&replay, replay_end(trace), REPLAY_FROM_BEGINNING), 0);
        has_live(&replay, truth.live[BLOCKS], "end");
        cr_assert_eq(replay.totals.allocations, truth.end.allocations);
        cr_assert_eq(replay.totals.frees, truth.end.frees);
        cr_assert_eq(replay.totals.temporary, truth.end.temporary);
        cr_assert_eq(replay.totals.allocated_bytes, truth.end.allocated_bytes);
        cr_assert_eq(replay.totals.peak_bytes, truth.end.peak_bytes);
        cr_assert_eq(replay.totals.peak_time_ns, truth.peak_time_ns / MS * MS);
        cr_assert_eq(replay.mismatches + replay.bad_events, 0, "%s", replay.first_mismatch);
        replay_deinit(&replay);
        trace_free(trace);
        tb_free(tb);
}

Test(replay, the_peak_is_the_true_one) {
        for (unsigned seed = 0; seed < 20; seed++) {
                struct truth truth;
                struct tb *tb = walk(&truth, seed % 2, seed % 3 * 5, seed);
                struct trace *trace = load(tb);
                struct replay replay;
                uint64_t time_ns;

                for (int from = REPLAY_FROM_BEGINNING; from <= REPLAY_FROM_CHECKPOINT; from++) {
                        cr_assert_eq(moment_replay(trace, (struct moment){ .kind = MOMENT_PEAK },
                                                   (enum replay_from)from, &replay, &time_ns),
                                     0);
                        has_live(&replay, truth.peak, "peak");
                        cr_assert_eq(time_ns, truth.peak_time_ns);
                        replay_deinit(&replay);
                }
                trace_free(trace);
                tb_free(tb);
        }
}

/* With frames of five blocks, the checkpoints before blocks 3, 6 and 9 stand inside a frame. */
static void begins_the_same_from_a_checkpoint(uint32_t frame_blocks) {
        struct truth truth;
        struct tb *tb = walk(&truth, true, frame_blocks, 3);
        struct trace *trace = load(tb);

        for (size_t block = 0; block <= BLOCKS; block++) {
                for (int from = REPLAY_FROM_BEGINNING; from <= REPLAY_FROM_CHECKPOINT; from++) {
                        struct replay replay;

                        cr_assert_eq(replay_init(&replay, trace), 0);
                        cr_assert_eq(replay_to(&replay, (struct replay_instant){ block, 0 },
                                               (enum replay_from)from),
                                     0);
                        has_live(&replay, truth.live[block], "block");
                        cr_assert_eq(replay.mismatches, 0, "%s", replay.first_mismatch);
                        replay_deinit(&replay);
                }
        }
        trace_free(trace);
        tb_free(tb);
}

Test(replay, every_block_begins_the_same_from_a_checkpoint) {
        begins_the_same_from_a_checkpoint(0);
        begins_the_same_from_a_checkpoint(5);
        begins_the_same_from_a_checkpoint(BLOCKS);
}

/* A checkpoint makes the state after a lost block right again. */
Test(replay, the_highest_heap_at_each_sites_allocations) {
        static struct truth truth;

        for (int checkpoints = 0; checkpoints < 2; checkpoints++) {
                struct tb *tb = walk(&truth, checkpoints, 1, 7);
                struct trace *trace = load(tb);

                for (size_t block = 0; block <= BLOCKS; block++) {
                        struct replay replay;

                        cr_assert_eq(replay_init(&replay, trace), 0);
                        cr_assert_eq(
                                replay_to(&replay, (struct replay_instant){ block, 0 }, REPLAY_WITH_HIGHS),
                                0);
                        has_live(&replay, truth.live[block], "with highs");
                        cr_assert_arr_eq(replay.high_bytes, truth.high[block], sizeof(truth.high[block]));
                        replay_deinit(&replay);
                }
                trace_free(trace);
                tb_free(tb);
        }
}

/* Keeps the state by what it hears. */
struct hearing {
        struct replay_listener listener;
        const struct trace *trace;
        size_t block; /* the next one that begins */
        uint64_t live[SITES], allocations, events, temporary;
        uint64_t units, peak_bytes, peak_units, live_bytes;
};

static void hear_time(struct replay_listener *listener, uint64_t units) {
        struct hearing *hearing = (struct hearing *)listener;

        cr_assert_geq(units, hearing->units);
        hearing->units = units;
}

static void hear_event(struct replay_listener *listener, uint32_t site, enum mtr_event event) {
        struct hearing *hearing = (struct hearing *)listener;
        const struct reader *reader = hearing->trace->reader;
        uint64_t size_bytes = 1 + site * 37;

        if (hearing->events++ == reader->blocks[hearing->block].header.events_before)
                cr_assert_eq(hearing->units,
                             reader->blocks[hearing->block++].header.first_time_ns / MTR_TIME_UNIT_NS);
        if (event == MTR_ALLOC) {
                hearing->live[site]++;
                hearing->allocations++;
                hearing->live_bytes += size_bytes;
        } else {
                cr_assert_gt(hearing->live[site]--, 0);
                hearing->temporary += event == MTR_FREE_TEMPORARY;
                hearing->live_bytes -= size_bytes;
        }
        if (hearing->live_bytes <= hearing->peak_bytes)
                return;
        hearing->peak_bytes = hearing->live_bytes;
        hearing->peak_units = hearing->units;
}

Test(replay, a_listener_hears_all_in_its_order) {
        for (unsigned seed = 0; seed < 20; seed++) {
                struct hearing hearing = { .listener = { hear_time, hear_event } };
                struct truth truth;
                struct tb *tb = walk(&truth, seed % 2, seed % 3, seed);
                struct trace *trace;
                struct replay replay;

                tb_end(tb, MTR_END_EXITED, 0);
                trace = load_whole(tb);
                hearing.trace = trace;
                cr_assert_eq(replay_init(&replay, trace), 0);
                replay.listener = &hearing.listener;
                cr_assert_eq(replay_to(&replay, replay_end(trace), REPLAY_FROM_BEGINNING), 0);
                cr_assert_eq(hearing.block, BLOCKS);
                cr_assert_eq(hearing.allocations, tb->end.allocations);
                cr_assert_eq(hearing.temporary, tb->end.temporary);
                cr_assert_eq(hearing.peak_bytes, tb->end.peak_bytes);
                cr_assert_eq(hearing.peak_units, replay.totals.peak_time_ns / MTR_TIME_UNIT_NS);
                cr_assert_eq(hearing.units, tb->time_ns / MTR_TIME_UNIT_NS);
                for (int i = 0; i < SITES; i++)
                        cr_assert_eq(hearing.live[i], tb->site_books[i].live);
                replay_deinit(&replay);
                trace_free(trace);
                tb_free(tb);
        }
}

Test(replay, a_checkpoint_mends_what_a_lost_block_took) {
        struct truth truth;
        struct tb *tb = walk(&truth, true, 0, 4);
        struct trace *trace = load(tb);
        struct replay replay;

        reader_spoil(trace->reader, 4, "lost");
        cr_assert_eq(replay_init(&replay, trace), 0);
        cr_assert_eq(replay_to(&replay, (struct replay_instant){ 6, 0 }, REPLAY_FROM_BEGINNING), 0);
        has_live(&replay, truth.live[6], "after the loss");
        replay_deinit(&replay);
        cr_assert_eq(replay_init(&replay, trace), 0);
        cr_assert_eq(replay_to(&replay, replay_end(trace), REPLAY_FROM_BEGINNING), 0);
        has_live(&replay, truth.live[BLOCKS], "end");
        cr_assert_lt(replay.totals.allocations, truth.end.allocations);
        replay_deinit(&replay);
        trace_free(trace);
        tb_free(tb);
}

Test(replay, a_spoilt_peak_gives_way_to_the_next) {
        struct truth truth;
        struct tb *tb = walk(&truth, true, 0, 5);
        struct trace *trace = load(tb);
        struct replay_peak first, second;
        struct replay replay;
        uint64_t time_ns;

        cr_assert_eq(replay_peak(trace, &first), 0);
        cr_assert(first.found);
        cr_assert_eq(first.bytes, truth.peak_bytes);
        reader_spoil(trace->reader, first.instant.block, "lost");
        cr_assert_eq(replay_peak(trace, &second), 0);
        cr_assert_neq(second.instant.block, first.instant.block);
        cr_assert_leq(second.bytes, first.bytes);
        cr_assert_eq(moment_replay(trace, (struct moment){ .kind = MOMENT_PEAK }, REPLAY_FROM_CHECKPOINT,
                                   &replay, &time_ns),
                     0);
        replay_deinit(&replay);
        trace_free(trace);
        tb_free(tb);
}
