/* See blocks.h. */
#include "blocks.h"

#include <criterion/criterion.h>
#include <string.h>

#define MS 1000000u

void blocks_put(struct tb *tb, uint32_t count, const uint32_t *frame_blocks) {
        tb_process(tb, "/nonexistent/app", "app\1x");
        for (uint32_t i = 0; i < count; i++) {
                uint32_t module =
                        tb_module(tb, 0x1000 * (i + 1), 0x1000 * (i + 2), 0, NULL, 0, "/nonexistent/m");
                uint32_t site = tb_site(tb, tb_stack(tb, i, tb_frame(tb, module, 0x10 + i, false)), 10 + i,
                                        MTR_KIND_MALLOC);

                if (frame_blocks)
                        tb->frame_blocks = frame_blocks[i];
                tb_thread(tb, 100 + i, "worker");
                tb_at(tb, (i + 1) * 10 * MS);
                tb_switch(tb, i);
                for (int k = 0; k < 3; k++)
                        tb_alloc(tb, site);
                if (i < count - 1)
                        tb_block(tb);
        }
        tb_end(tb, MTR_END_EXITED, 0);
}

struct tb *blocks_four(enum mtr_compression compression, bool numbering) {
        struct tb *tb = tb_new(1234, compression);

        tb->numbering = numbering;
        blocks_put(tb, 4, NULL);
        return tb;
}

size_t blocks_offsets(const struct tb *tb, size_t *offsets) {
        size_t count = 0, at = sizeof(struct mtr_file_header);

        while (at < tb->file.length) {
                struct mtr_block_header header;

                offsets[count++] = at;
                memcpy(&header, tb->file.data + at, sizeof(header));
                at += sizeof(header) + header.stored_bytes;
        }
        offsets[count] = at;
        cr_assert_eq(at, tb->file.length);
        return count;
}

size_t blocks_whole(const struct reader *reader) {
        size_t whole = 0;

        for (size_t i = 0; i < reader->block_count; i++)
                whole += reader->blocks[i].whole;
        return whole;
}
