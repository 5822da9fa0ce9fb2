/*
 * reader/: frames over several blocks, cut and damaged. What is lost is the rest of a frame, and
 * nothing else.
 */
#include "base/message.h"
#include "blocks.h"
#include "eight_blocks.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(frames_damage, .init = message_silence);

Test(frames_damage, cut_at_every_byte) {
        struct tb *tb = eight_blocks(true);
        size_t offsets[EIGHT + 1];

        blocks_offsets(tb, offsets);
        for (size_t length = sizeof(struct mtr_file_header); length <= tb->file.length; length++) {
                struct trace *trace = eight_load(tb, length);
                size_t complete = 0;

                while (complete < EIGHT && offsets[complete + 1] <= length)
                        complete++;
                cr_assert_eq(blocks_whole(trace->reader), complete, "cut at %zu", length);
                cr_assert_eq(trace->reader->damage_count, length != offsets[complete], "cut at %zu", length);
                eight_replays(trace, 3 * complete);
                trace_free(trace);
        }
        tb_free(tb);
}

Test(frames_damage, every_bit_flipped_costs_the_rest_of_its_frame, .timeout = 60) {
        struct tb *tb = eight_blocks(true);
        size_t offsets[EIGHT + 1];

        blocks_offsets(tb, offsets);
        for (size_t bit = offsets[0] * 8; bit < tb->file.length * 8; bit++) {
                struct trace *trace;
                size_t hit = 0;

                while (offsets[hit + 1] <= bit / 8)
                        hit++;
                tb->file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
                trace = eight_load(tb, tb->file.length);
                cr_assert_eq(trace->reader->damage_count, eight_takes[hit] > 1 ? 2 : 1, "bit %zu", bit);
                if (eight_takes[hit] > 1) {
                        cr_assert_eq(trace->reader->damages[1].reason, READER_DAMAGE_FRAME);
                        cr_assert_eq(trace->reader->damages[1].sequence, hit + 1);
                        cr_assert_eq(trace->reader->damages[1].more_blocks, eight_takes[hit] - 2);
                }
                eight_lost(trace, hit, eight_takes[hit]);
                trace_free(trace);
                tb->file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        tb_free(tb);
}

/* Damage that the checksums cover: anything may be in the frame then, but nothing before it is touched. */
Test(frames_damage, every_byte_changed_and_sealed_again, .timeout = 60) {
        struct tb *tb = eight_blocks(true);
        size_t offsets[EIGHT + 1];

        blocks_offsets(tb, offsets);
        for (size_t block = 1; block <= 4; block++) {
                for (size_t at = offsets[block] + sizeof(struct mtr_block_header); at < offsets[block + 1];
                     at++) {
                        for (int change = 1; change < 256; change *= 2) {
                                struct trace *trace;
                                struct replay replay;

                                tb->file.data[at] ^= (uint8_t)change;
                                eight_reseal(tb, offsets[block], 0, 0);
                                trace = eight_load(tb, tb->file.length);
                                for (uint32_t i = 0; i < block; i++) {
                                        cr_assert(trace->reader->blocks[i].whole);
                                        cr_assert_eq(trace_site(trace, i)->size_bytes, 10 + i);
                                }
                                cr_assert_eq(replay_init(&replay, trace), 0);
                                cr_assert_eq(replay_to(&replay, replay_end(trace), REPLAY_FROM_BEGINNING), 0);
                                replay_deinit(&replay);
                                trace_free(trace);
                                tb->file.data[at] ^= (uint8_t)change;
                        }
                }
                eight_reseal(tb, offsets[block], 0, 0);
        }
        tb_free(tb);
}

Test(frames_damage, a_missing_block_takes_those_that_go_on_with_it) {
        for (size_t gone = 0; gone < EIGHT - 1; gone++) {
                struct tb *tb = eight_blocks(true);
                size_t offsets[EIGHT + 1];
                struct trace *trace;

                blocks_offsets(tb, offsets);
                memmove(tb->file.data + offsets[gone], tb->file.data + offsets[gone + 1],
                        tb->file.length - offsets[gone + 1]);
                trace = eight_load(tb, tb->file.length - (offsets[gone + 1] - offsets[gone]));
                cr_assert_eq(trace->reader->damage_count, eight_takes[gone] > 1 ? 2 : 1);
                cr_assert_eq(trace->reader->damages[0].reason, READER_DAMAGE_MISSING);
                cr_assert_eq(trace->reader->damages[0].sequence, gone + 1);
                eight_lost(trace, gone, eight_takes[gone]);
                trace_free(trace);
                tb_free(tb);
        }
}

/* Bytes between two blocks of a frame are damage, but take nothing with them. */
Test(frames_damage, rubbish_between_blocks) {
        struct tb *tb = eight_blocks(true);
        size_t offsets[EIGHT + 1];
        struct trace *trace;

        blocks_offsets(tb, offsets);
        tb_append(&tb->file, "rubbish", 7);
        memmove(tb->file.data + offsets[3] + 7, tb->file.data + offsets[3], offsets[EIGHT] - offsets[3]);
        trace = eight_load(tb, tb->file.length);
        cr_assert_eq(trace->reader->damage_count, 1);
        eight_lost(trace, EIGHT, 0);
        trace_free(trace);
        tb_free(tb);
}

Test(frames_damage, lengths_that_lie) {
        static const struct {
                size_t block;
                int more_raw;
        } lies[] = { { 2, 1 }, { 2, -1 }, { 1, 1 }, { 4, -1 }, { 5, 1 }, { 7, 100000 } };

        for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
                struct tb *tb = eight_blocks(true);
                size_t offsets[EIGHT + 1];
                struct trace *trace;

                blocks_offsets(tb, offsets);
                eight_reseal(tb, offsets[lies[i].block], 0, lies[i].more_raw);
                trace = eight_load(tb, tb->file.length);
                cr_assert_eq(trace->reader->damage_count, eight_takes[lies[i].block] > 1 ? 2 : 1);
                cr_assert_eq(trace->reader->damages[0].reason, READER_DAMAGE_CONTENT);
                cr_assert_str_eq(trace->reader->damages[0].detail, "it does not unpack to its length");
                eight_lost(trace, lies[i].block, eight_takes[lies[i].block]);
                trace_free(trace);
                tb_free(tb);
        }
}

/* What a block that does not unpack leaves behind is nobody's payload. */
Test(frames_damage, before_a_block_that_does_not_unpack) {
        struct tb *tb = eight_blocks(true);
        size_t offsets[EIGHT + 1], length;
        const uint8_t *data;
        struct reader *reader;

        blocks_offsets(tb, offsets);
        eight_reseal(tb, offsets[3], 0, 1);
        reader = eight_open(tb, tb->file.length, 1u << 30);
        for (int i = 0; i < 2; i++) {
                uint8_t *before;
                size_t before_length;

                cr_assert_eq(reader_payload(reader, 2, &data, &before_length), 0);
                before = malloc(before_length);
                memcpy(before, data, before_length);
                cr_assert_eq(reader_payload(reader, i == 0 ? 3 : 4, &data, &length), READER_E_BLOCK);
                cr_assert_eq(reader_payload(reader, 2, &data, &length), 0);
                cr_assert_eq(length, before_length);
                cr_assert_eq(memcmp(data, before, length), 0);
                free(before);
        }
        cr_assert_eq(reader->damage_count, 2);
        reader_free(reader);
        tb_free(tb);
}

Test(frames_damage, bytes_behind_the_end_of_a_frame) {
        for (int more = 1; more < 10; more++) {
                struct tb *tb = tb_new(1, MTR_ZSTD);
                struct trace *trace;

                tb_process(tb, "/nonexistent/app", "");
                tb_end(tb, MTR_END_EXITED, 0);
                tb_append(&tb->file, "\x28\xb5\x2f\xfd\x00\x00\x00\x00\x00", (size_t)more);
                eight_reseal(tb, sizeof(struct mtr_file_header), more, 0);
                trace = eight_load(tb, tb->file.length);
                cr_assert_eq(trace->reader->damage_count, 1, "%d more", more);
                trace_free(trace);
                tb_free(tb);
        }
}

/* Sealed again: what was found wrong stays wrong, and nothing crashes. */
Test(frames_damage, random_damage, .timeout = 60) {
        struct tb *tb = eight_blocks(true);
        size_t offsets[EIGHT + 1];
        uint8_t *copy = malloc(tb->file.length);

        blocks_offsets(tb, offsets);
        memcpy(copy, tb->file.data, tb->file.length);
        srandom(1);
        for (int i = 0; i < 10000; i++) {
                struct trace *trace;
                const uint8_t *data;
                size_t length;

                for (long hits = random() % 4; hits >= 0; hits--) {
                        size_t block = (size_t)random() % EIGHT;
                        size_t at = offsets[block] + (size_t)random() % (offsets[block + 1] - offsets[block]);
                        struct mtr_block_header header;

                        tb->file.data[at] = (uint8_t)random();
                        memcpy(&header, tb->file.data + offsets[block], sizeof(header));
                        if (header.stored_bytes <= tb->file.length - offsets[block] - sizeof(header))
                                eight_reseal(tb, offsets[block], 0, 0);
                }
                trace = eight_load(tb, tb->file.length);
                for (int k = 0; k < 10 && trace->reader->block_count > 0; k++) {
                        size_t index = (size_t)random() % trace->reader->block_count;
                        bool whole = trace->reader->blocks[index].whole;

                        cr_assert_eq(reader_payload(trace->reader, index, &data, &length),
                                     whole ? 0 : READER_E_BLOCK);
                }
                trace_free(trace);
                memcpy(tb->file.data, copy, tb->file.length);
        }
        free(copy);
        tb_free(tb);
}
