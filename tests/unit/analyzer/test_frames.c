/*
 * reader/: zstd frames that reach over several blocks, in order and in any other, and beyond what a
 * frame may be.
 */
#include "base/message.h"
#include "blocks.h"
#include "eight_blocks.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(frames, .init = message_silence);

Test(frames, in_order) {
        struct tb *tb = eight_blocks(true);
        struct trace *trace = eight_load(tb, tb->file.length);

        cr_assert_eq(trace->reader->damage_count, 0);
        cr_assert(trace_is_complete(trace));
        for (size_t i = 0; i < EIGHT; i++) {
                bool continues = trace->reader->blocks[i].header.flags & MTR_BLOCK_CONTINUES;

                cr_assert_eq(continues, eight_first[i] != i);
                cr_assert_eq(trace->reader->blocks[i].frame_first, eight_first[i]);
        }
        eight_lost(trace, EIGHT, 0);
        trace_free(trace);
        tb_free(tb);
}

/* The payload is the one that the same block has without frames. */
static void reads(struct reader *reader, struct reader *plain, size_t index) {
        const uint8_t *data, *expected;
        size_t length, expected_length;

        cr_assert_eq(reader_payload(reader, index, &data, &length), 0);
        cr_assert_eq(reader_payload(plain, index, &expected, &expected_length), 0);
        cr_assert_eq(length, expected_length);
        cr_assert_eq(memcmp(data, expected, length), 0, "block %zu", index);
}

/* What the decompressor has behind it is one block, so three in every order are all there is. */
Test(frames, in_every_order) {
        struct tb *tb = eight_blocks(true), *plain_tb = eight_blocks(false);
        struct reader *plain = eight_open(plain_tb, plain_tb->file.length, 1u << 30);

        for (size_t order = 0; order < EIGHT * EIGHT * EIGHT; order++) {
                struct reader *reader = eight_open(tb, tb->file.length, 1u << 30);

                reads(reader, plain, order % EIGHT);
                reads(reader, plain, order / EIGHT % EIGHT);
                reads(reader, plain, order / EIGHT / EIGHT);
                cr_assert_eq(reader->damage_count, 0);
                reader_free(reader);
        }
        reader_free(plain);
        tb_free(plain_tb);
        tb_free(tb);
}

static uint64_t raw_bytes(const struct reader *reader, size_t first, size_t end) {
        uint64_t sum = 0;

        for (; first < end; first++)
                sum += reader->blocks[first].header.raw_bytes;
        return sum;
}

Test(frames, in_order_each_block_is_unpacked_once) {
        struct tb *tb = eight_blocks(true);
        struct reader *reader = eight_open(tb, tb->file.length, 1u << 30);
        const uint8_t *data;
        size_t length;
        uint64_t spent;

        for (size_t i = 0; i < EIGHT; i++)
                cr_assert_eq(reader_payload(reader, i, &data, &length), 0);
        cr_assert_eq(reader->raw_spent_bytes, raw_bytes(reader, 0, EIGHT));
        spent = reader->raw_spent_bytes;
        cr_assert_eq(reader_payload(reader, 3, &data, &length), 0);
        spent += raw_bytes(reader, 1, 4);
        cr_assert_eq(reader->raw_spent_bytes, spent, "a block further back costs its frame up to it");
        cr_assert_eq(reader_payload(reader, 3, &data, &length), 0);
        cr_assert_eq(reader->raw_spent_bytes, spent, "the same again costs nothing");
        cr_assert_eq(reader_payload(reader, 1, &data, &length), 0);
        cr_assert_eq(reader_payload(reader, 4, &data, &length), 0);
        spent += raw_bytes(reader, 1, 5);
        cr_assert_eq(reader->raw_spent_bytes, spent, "further on in the same frame costs what is between");
        reader_free(reader);
        tb_free(tb);
}

Test(frames, unpacking_again_meets_the_budget) {
        struct tb *tb = eight_blocks(true);
        struct reader *reader = eight_open(tb, tb->file.length, 1u << 30);
        uint64_t all = raw_bytes(reader, 0, EIGHT), back = raw_bytes(reader, 1, 3);
        const uint8_t *data;
        size_t length;

        reader_free(reader);
        for (int more = -1; more <= 0; more++) {
                reader = eight_open(tb, tb->file.length, (uint64_t)((int64_t)(all + back) + more));
                for (size_t i = 0; i < EIGHT; i++)
                        cr_assert_eq(reader_payload(reader, i, &data, &length), 0);
                cr_assert_eq(reader_payload(reader, 2, &data, &length), more < 0 ? READER_E_BUDGET : 0);
                cr_assert_eq(reader->damage_count, 0, "the trace cannot help it");
                reader_free(reader);
        }
        tb_free(tb);
}

/* A block whose content is wrong is still there to go on with. */
Test(frames, wrong_content_costs_its_block_alone) {
        struct tb *tb = tb_new(1, MTR_ZSTD);
        uint32_t site = tb_site(tb, 0, 8, MTR_KIND_MALLOC);
        struct trace *trace;

        tb->numbering = true;
        tb->frame_blocks = 6;
        tb_process(tb, "/nonexistent/app", "");
        for (int i = 0; i < 5; i++) {
                tb_alloc(tb, site);
                tb_block(tb);
                if (i % 2 == 0)
                        tb_record(tb, MTR_PROCESS, "short", 5);
        }
        tb_end(tb, MTR_END_EXITED, 0);
        trace = eight_load(tb, tb->file.length);
        cr_assert_eq(trace->reader->damage_count, 3);
        cr_assert_eq(blocks_whole(trace->reader), 3);
        cr_assert_eq(trace->reader->raw_spent_bytes, raw_bytes(trace->reader, 0, 6));
        eight_replays(trace, 3);
        trace_free(trace);
        tb_free(tb);
}

/* What is found in a trace of which some blocks are not as they may be. */
struct expected {
        size_t whole;
        uint64_t damages;
        size_t at; /* the block that the first damage is of */
        const char *detail;
};

/* Ends the trace, reads it, and frees it. */
static void gives(struct tb *tb, struct expected expected) {
        struct trace *trace;
        const struct reader_damage *damage;

        tb_end(tb, MTR_END_EXITED, 0);
        trace = eight_load(tb, tb->file.length);
        damage = trace->reader->damages;
        cr_assert_eq(blocks_whole(trace->reader), expected.whole, "%zu are whole",
                     blocks_whole(trace->reader));
        cr_assert_eq(trace->reader->damage_count, expected.damages);
        if (expected.damages > 0) {
                cr_assert_eq(damage[0].reason, READER_DAMAGE_CONTENT);
                cr_assert_eq(damage[0].sequence, expected.at);
                cr_assert_str_eq(damage[0].detail, expected.detail);
        }
        if (expected.damages > 1)
                cr_assert_eq(damage[1].reason, READER_DAMAGE_FRAME);
        trace_free(trace);
        tb_free(tb);
}

static void blocks_of(struct tb *tb, size_t count, size_t bytes) {
        char *zeros = calloc(1, bytes + 1);

        for (size_t i = 0; i < count; i++) {
                tb_record(tb, 99, zeros, bytes);
                tb_block(tb);
        }
        free(zeros);
}

Test(frames, the_first_block_goes_on_with_nothing) {
        struct tb *tb = tb_new(1, MTR_ZSTD);

        tb->frame_blocks = 3;
        tb->header.flags |= MTR_BLOCK_CONTINUES;
        blocks_of(tb, 3, 10);
        gives(tb, (struct expected){ 1, 2, 0, "it goes on with a frame and is the first block" });
}

Test(frames, a_stored_block_has_no_frame) {
        struct tb *tb = tb_new(1, MTR_ZSTD);

        tb->frame_blocks = 3;
        blocks_of(tb, 1, 10);
        tb->compression = MTR_STORED;
        blocks_of(tb, 1, 10);
        tb->compression = MTR_ZSTD;
        blocks_of(tb, 2, 10); /* both continue */
        tb->frame_blocks = 0;
        gives(tb, (struct expected){ 3, 2, 2, "it goes on with a block that is not compressed" });

        tb = tb_new(1, MTR_STORED);
        blocks_of(tb, 1, 10);
        tb->header.flags |= MTR_BLOCK_CONTINUES;
        gives(tb, (struct expected){ 1, 1, 1, "it goes on with a frame and is not compressed" });
}

Test(frames, more_blocks_than_a_frame_may_have) {
        struct tb *tb = tb_new(1, MTR_ZSTD);

        tb->frame_blocks = MTR_FRAME_BLOCKS_MAX;
        blocks_of(tb, 2 * MTR_FRAME_BLOCKS_MAX, 10);
        gives(tb, (struct expected){ .whole = 2 * MTR_FRAME_BLOCKS_MAX + 1 });

        tb = tb_new(1, MTR_ZSTD);
        tb->frame_blocks = MTR_FRAME_BLOCKS_MAX + 3;
        blocks_of(tb, MTR_FRAME_BLOCKS_MAX + 3, 10);
        gives(tb, (struct expected){ MTR_FRAME_BLOCKS_MAX + 1, 2, MTR_FRAME_BLOCKS_MAX,
                                     "its frame has more blocks than a frame may have" });
}

Test(frames, larger_than_a_frame_may_be) {
        size_t record_bytes = sizeof(struct mtr_record);
        struct tb *tb = tb_new(1, MTR_ZSTD);

        tb->frame_blocks = 8;
        blocks_of(tb, 8, (1u << 20) - record_bytes);
        gives(tb, (struct expected){ .whole = 9 });

        tb = tb_new(1, MTR_ZSTD);
        tb->frame_blocks = 10;
        blocks_of(tb, 7, (1u << 20) - record_bytes);
        blocks_of(tb, 1, (1u << 20) - record_bytes + 1);
        blocks_of(tb, 2, 1);
        gives(tb, (struct expected){ 8, 2, 7, "its frame is larger than a frame may be" });

        /* a block that nothing goes on with may be as large as a payload */
        tb = tb_new(1, MTR_ZSTD);
        tb->frame_blocks = 1;
        blocks_of(tb, 1, MTR_BLOCK_PAYLOAD_MAX - record_bytes);
        tb->frame_blocks = 2;
        blocks_of(tb, 1, MTR_BLOCK_PAYLOAD_MAX - record_bytes);
        gives(tb, (struct expected){ 2, 1, 2, "its frame is larger than a frame may be" });
}

Test(frames, a_window_larger_than_a_frame_may_have) {
        for (int more = 0; more <= 1; more++) {
                struct tb *tb = tb_new(1, MTR_ZSTD);

                blocks_of(tb, 1, 10);
                tb->frame_blocks = 3;
                tb->window_log = (int)MTR_FRAME_WINDOW_LOG_MAX + more;
                blocks_of(tb, 3, 10);
                tb->frame_blocks = 0;
                if (more == 0)
                        gives(tb, (struct expected){ .whole = 5 });
                else
                        gives(tb, (struct expected){ 2, 2, 1, "it does not unpack" });
        }
}

Test(frames, a_frame_that_has_ended) {
        struct tb *tb = tb_new(1, MTR_ZSTD);

        tb->frame_blocks = 3;
        tb->frame_ends = true;
        blocks_of(tb, 3, 10);
        gives(tb, (struct expected){ 2, 2, 1, "it goes on with a frame that has ended" });
}

/* What it defines is unknown, and what comes after it is numbered as it says itself. */
Test(frames, after_a_block_that_has_no_frame) {
        struct tb *tb = tb_new(1, MTR_STORED);
        struct trace *trace;

        tb->numbering = true;
        tb_process(tb, "/nonexistent/app", "");
        for (uint32_t i = 0; i < 3; i++) {
                tb_alloc(tb, tb_site(tb, 0, 10 + i, MTR_KIND_MALLOC));
                tb->header.flags |= i == 1 ? MTR_BLOCK_CONTINUES : 0;
                tb_block(tb);
        }
        tb_end(tb, MTR_END_EXITED, 0);
        trace = eight_load(tb, tb->file.length);
        cr_assert_eq(trace->reader->damage_count, 1);
        cr_assert_eq(blocks_whole(trace->reader), 3);
        cr_assert(trace->reader->blocks[2].after_loss);
        cr_assert_eq(trace_site(trace, 1)->size_bytes, 0);
        cr_assert_eq(trace_site(trace, 2)->size_bytes, 12);
        eight_replays(trace, 2);
        trace_free(trace);
        tb_free(tb);
}
