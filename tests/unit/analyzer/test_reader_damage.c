/*
 * reader/: traces cut at every byte, with every bit flipped, with blocks gone, and damaged at random.
 */
#include "base/message.h"
#include "blocks.h"
#include "load.h"
#include "replay/replay.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* Reads and replays whatever it is; only its not crashing and its bounds matter. */
static void read_through(const void *data, size_t length) {
        struct trace *trace;
        struct replay replay;

        if (load_bytes(data, length, &trace) != 0)
                return;
        cr_assert_eq(replay_init(&replay, trace), 0);
        cr_assert_eq(replay_to(&replay, replay_end(trace), REPLAY_FROM_BEGINNING), 0);
        cr_assert_leq(replay.totals.live_blocks, 1000000);
        replay_deinit(&replay);
        trace_free(trace);
}

TestSuite(reader_damage, .init = message_silence);

Test(reader_damage, cut_at_every_byte) {
        struct tb *tb = blocks_four(MTR_ZSTD, true);
        size_t offsets[8];
        size_t count = blocks_offsets(tb, offsets);

        for (size_t length = sizeof(struct mtr_file_header); length <= tb->file.length; length++) {
                struct trace *trace = load_bytes_well(tb->file.data, length);
                size_t complete = 0;
                struct replay replay;

                while (complete < count && offsets[complete + 1] <= length)
                        complete++;
                cr_assert_eq(blocks_whole(trace->reader), complete, "cut at %zu", length);
                cr_assert_eq(trace->reader->damage_count, length != offsets[complete], "cut at %zu", length);
                if (trace->reader->damage_count)
                        cr_assert_eq(trace->reader->damages[0].reason, READER_DAMAGE_CUT);
                cr_assert_eq(trace->facts.has_end, complete == count);
                cr_assert_eq(replay_init(&replay, trace), 0);
                cr_assert_eq(replay_to(&replay, replay_end(trace), REPLAY_FROM_BEGINNING), 0);
                cr_assert_eq(replay.totals.allocations, complete * 3);
                cr_assert_eq(replay.bad_events + replay.mismatches, 0);
                replay_deinit(&replay);
                trace_free(trace);
        }
        tb_free(tb);
}

Test(reader_damage, every_bit_flipped_costs_its_block_alone, .timeout = 60) {
        for (int compression = MTR_STORED; compression <= MTR_ZSTD; compression++) {
                struct tb *tb = blocks_four((enum mtr_compression)compression, true);
                size_t offsets[8];

                blocks_offsets(tb, offsets);
                for (size_t bit = sizeof(struct mtr_file_header) * 8; bit < tb->file.length * 8; bit++) {
                        size_t hit = 0;
                        struct trace *trace;
                        struct replay replay;

                        while (offsets[hit + 1] <= bit / 8)
                                hit++;
                        tb->file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
                        trace = load(tb);
                        cr_assert_eq(blocks_whole(trace->reader), 3, "bit %zu", bit);
                        cr_assert_eq(trace->reader->damage_count, 1, "bit %zu", bit);
                        cr_assert_eq(replay_init(&replay, trace), 0);
                        cr_assert_eq(replay_to(&replay, replay_end(trace), REPLAY_FROM_BEGINNING), 0);
                        cr_assert_eq(replay.totals.allocations, 9, "bit %zu", bit);
                        /* the other blocks' sites keep their own sizes */
                        for (uint32_t i = 0; i < trace_site_count(trace); i++)
                                cr_assert_eq(replay.sites[i].size_bytes, i == hit ? 0 : 10 + i, "bit %zu",
                                             bit);
                        replay_deinit(&replay);
                        trace_free(trace);
                        tb->file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
                }
                tb_free(tb);
        }
}

Test(reader_damage, a_missing_block_is_noticed) {
        struct tb *tb = blocks_four(MTR_ZSTD, true);
        size_t offsets[8];
        struct trace *trace;

        blocks_offsets(tb, offsets);
        memmove(tb->file.data + offsets[1], tb->file.data + offsets[2], tb->file.length - offsets[2]);
        trace = load_bytes_well(tb->file.data, tb->file.length - (offsets[2] - offsets[1]));
        cr_assert_eq(blocks_whole(trace->reader), 3);
        cr_assert_eq(trace->reader->damage_count, 1);
        cr_assert_eq(trace->reader->damages[0].reason, READER_DAMAGE_MISSING);
        cr_assert_eq(trace->reader->damages[0].sequence, 2);
        cr_assert_eq(trace_site_count(trace), 4);
        cr_assert_eq(trace_site(trace, 1)->size_bytes, 0, "what it defined is unknown");
        cr_assert_eq(trace_site(trace, 3)->size_bytes, 13);
        trace_free(trace);
        tb_free(tb);
}

Test(reader_damage, without_numbering_later_definitions_are_left_out) {
        struct tb *tb = blocks_four(MTR_ZSTD, false);
        size_t offsets[8];
        struct trace *trace;
        struct replay replay;

        blocks_offsets(tb, offsets);
        tb->file.data[offsets[2] - 1] ^= 1;
        trace = load(tb);
        cr_assert_eq(trace_site_count(trace), 1, "a wrong number would be a wrong line");
        cr_assert_eq(replay_init(&replay, trace), 0);
        cr_assert_eq(replay_to(&replay, replay_end(trace), REPLAY_FROM_BEGINNING), 0);
        cr_assert_eq(replay.totals.allocations, 3);
        cr_assert_eq(replay.bad_events, 6);
        replay_deinit(&replay);
        trace_free(trace);
        tb_free(tb);
}

/* Random damage of every kind, resealed or not: nothing here may crash. */
Test(reader_damage, random_damage, .timeout = 60) {
        struct tb *tb = blocks_four(MTR_STORED, true);
        uint8_t *copy = malloc(tb->file.length * 2);

        srandom(1);
        for (int i = 0; i < 20000; i++) {
                size_t length = tb->file.length;

                memcpy(copy, tb->file.data, length);
                for (long hits = random() % 8; hits >= 0; hits--)
                        copy[(size_t)random() % length] = (uint8_t)random();
                if (random() % 4 == 0)
                        length -= (size_t)random() % length;
                read_through(copy, length);
        }
        free(copy);
        tb_free(tb);
}
