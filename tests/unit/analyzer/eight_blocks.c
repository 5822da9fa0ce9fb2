/* See eight_blocks.h. */
#include "eight_blocks.h"

#include "blocks.h"

#include <memtrace/crc32c.h>

#include <criterion/criterion.h>
#include <string.h>

/* The frames: block 0; 1 to 4; 5, which is ended; 6 and 7. */
static const uint32_t frame_blocks[EIGHT] = { 1, 4, 4, 4, 4, 0, 2, 2 };
const size_t eight_first[EIGHT] = { 0, 1, 1, 1, 1, 5, 6, 6 };

const size_t eight_takes[EIGHT] = { 1, 4, 3, 2, 1, 1, 2, 1 };

struct tb *eight_blocks(bool frames) {
        struct tb *tb = tb_new(1234, MTR_ZSTD);

        tb->numbering = true;
        blocks_put(tb, EIGHT, frames ? frame_blocks : NULL);
        return tb;
}

struct reader *eight_open(const struct tb *tb, size_t length, uint64_t raw_bytes) {
        struct reader_limits limits = { raw_bytes, 1u << 30 };
        struct reader *reader;

        cr_assert_eq(reader_open_fd(tb_memfd(tb->file.data, length), "test", &limits, &reader), 0);
        return reader;
}

struct trace *eight_load(const struct tb *tb, size_t length) {
        struct trace *trace;

        cr_assert_eq(trace_load(eight_open(tb, length, 1u << 30), &trace), 0);
        return trace;
}

void eight_reseal(struct tb *tb, size_t offset, int more_stored, int more_raw) {
        struct mtr_block_header header;

        memcpy(&header, tb->file.data + offset, sizeof(header));
        header.stored_bytes += (uint32_t)more_stored;
        header.raw_bytes += (uint32_t)more_raw;
        header.payload_checksum = mtr_crc32c(tb->file.data + offset + sizeof(header), header.stored_bytes);
        header.header_checksum = mtr_crc32c(&header, sizeof(header) - 4);
        memcpy(tb->file.data + offset, &header, sizeof(header));
}

void eight_replays(struct trace *trace, uint64_t allocations) {
        /* from the beginning twice: once more backwards over every frame */
        for (int i = 0; i < 2; i++) {
                struct replay replay;

                cr_assert_eq(replay_init(&replay, trace), 0);
                cr_assert_eq(replay_to(&replay, replay_end(trace), REPLAY_FROM_BEGINNING), 0);
                cr_assert_eq(replay.totals.allocations, allocations);
                cr_assert_eq(replay.bad_events + replay.mismatches, 0, "%s", replay.first_mismatch);
                replay_deinit(&replay);
        }
}

void eight_lost(struct trace *trace, size_t first, size_t count) {
        cr_assert_eq(blocks_whole(trace->reader), EIGHT - count, "from block %zu", first);
        for (uint32_t i = 0; i < trace_site_count(trace); i++)
                cr_assert_eq(trace_site(trace, i)->size_bytes, i >= first && i < first + count ? 0 : 10 + i);
        eight_replays(trace, 3 * (EIGHT - count));
}
