/*
 * replay/groups.c: what is told where blocks are lost, or contradict each other.
 */
#include "base/message.h"
#include "load.h"
#include "story.h"

#include <stdlib.h>

#define MS 1000000u

TestSuite(groups_unsure, .init = message_silence);

/* What the block before says last, or its own header first, to what the block with the next checkpoint does.
 */
static void lose(size_t lost, bool with_header, size_t checkpoint) {
        struct story *story = story_new(77);
        struct trace *trace = load_whole(story->tb);
        const struct reader_block *blocks = trace->reader->blocks;
        struct groups_end ends[ENDS_MAX];
        size_t count = story_cut_by_time(0, 5, story->tb->time_ns / MS, ends), after;
        uint64_t begin = with_header ? blocks[lost - 1].header.last_time_ns / MS
                                     : blocks[lost].header.first_time_ns / MS;
        uint64_t known = checkpoint < BLOCKS ? blocks[checkpoint].header.first_time_ns / MS : UINT64_MAX;
        struct told *told;

        story->tb->file.data[blocks[lost].offset_bytes - with_header] ^= 1;
        trace_free(trace);
        trace = load(story->tb);
        cr_assert_gt(trace->reader->damage_count, 0);
        told = story_told_of(trace, ends, count);
        for (size_t k = 0; k < count; k++) {
                uint64_t first = k ? ends[k - 1].units + 1 : 0;

                cr_assert_eq(told[k].unsure, ends[k].units >= begin && first <= known, "interval %zu", k);
        }
        for (after = 0; after < count && (after == 0 || ends[after - 1].units < known); after++)
                ;
        story_compare(story, ends, told, after, count);
        story_compare(story, ends, told, 0, begin / 5);
        free(told);
        story_free(story, trace);
}

Test(groups_unsure, are_told_as_unsure_from_a_loss_to_a_checkpoint) {
        for (int with_header = 0; with_header < 2; with_header++) {
                lose(1, with_header, 2); /* what follows has it */
                lose(2, with_header, 4); /* lost with its checkpoint */
                lose(3, with_header, 4);
                lose(4, with_header, BLOCKS); /* nothing tells any more */
        }
}

/* Of the trace, which ends with its builder. */
static struct told *told_of(struct tb *tb, struct trace *trace, const struct groups_end *ends, size_t count) {
        struct told *told = story_told_of(trace, ends, count);

        trace_free(trace);
        tb_free(tb);
        return told;
}

Test(groups_unsure, are_unsure_where_the_last_block_turns_out_to_be_nonsense) {
        struct tb *tb = tb_new(1, MTR_STORED);
        uint32_t site = tb_site(tb, 0, 8, MTR_KIND_MALLOC);
        const struct groups_end ends[] = { groups_end_units(1), groups_end_units(4), groups_end_units(9) };
        struct told *told;

        tb_alloc(tb, site);
        tb_at(tb, 2 * MS);
        tb_alloc(tb, site);
        tb_block(tb);
        tb_at(tb, 8 * MS);
        tb_alloc(tb, site);
        tb_event_raw(tb, 99u << 3 | MTR_CONTROL); /* no such thread */
        tb_end(tb, MTR_END_EXITED, 0);
        told = told_of(tb, load_whole(tb), ends, 3);
        cr_assert(!told[0].unsure && told[1].unsure == false && told[2].unsure);
        cr_assert_eq(told[0].held[0].end_bytes, 8);
        cr_assert_eq(told[1].held[0].end_bytes, 16);
        free(told);
}

Test(groups_unsure, end_with_a_block_that_has_fewer_events_than_they_say) {
        struct tb *tb = tb_new(1, MTR_STORED);
        uint32_t site = tb_site(tb, 0, 8, MTR_KIND_MALLOC);
        const struct groups_end ends[] = { groups_end_at((struct replay_instant){ 0, 50 }),
                                           groups_end_at((struct replay_instant){ 0, 60 }),
                                           groups_end_at((struct replay_instant){ 1, 1 }) };
        struct told *told;

        tb_alloc(tb, site);
        tb_block(tb);
        tb_alloc(tb, site);
        tb_alloc(tb, site);
        tb_end(tb, MTR_END_EXITED, 0);
        told = told_of(tb, load_whole(tb), ends, 3);
        cr_assert_eq(told[0].held[0].end_bytes, 8);
        cr_assert_not(told[1].taken[0]);
        cr_assert_eq(told[2].held[0].least_bytes, 8);
        cr_assert_eq(told[2].held[0].end_bytes, 16);
        free(told);
}

Test(groups_unsure, are_unsure_where_a_loss_is_followed_by_what_was_before) {
        struct tb *tb = tb_new(1, MTR_STORED);
        uint32_t site = tb_site(tb, 0, 8, MTR_KIND_MALLOC);
        const struct groups_end ends[] = { groups_end_units(9), groups_end_units(19) };
        struct trace *trace;
        struct told *told;

        tb_alloc(tb, site);
        tb_block(tb);
        tb_at(tb, 2 * MS);
        tb_alloc(tb, site);
        tb_release(tb, site, false);
        tb_block(tb);
        tb_at(tb, 4 * MS);
        tb_checkpoint(tb);
        tb_alloc(tb, site);
        tb_end(tb, MTR_END_EXITED, 0);
        trace = load_whole(tb);
        tb->file.data[trace->reader->blocks[1].offset_bytes] ^= 1;
        trace_free(trace);
        told = told_of(tb, load(tb), ends, 2);
        cr_assert(told[0].unsure && !told[1].unsure);
        cr_assert_eq(told[0].held[0].end_bytes, 16);
        free(told);
}

Test(groups_unsure, are_unsure_where_a_checkpoint_contradicts_the_events) {
        struct tb *tb = tb_new(1, MTR_STORED);
        uint32_t site = tb_site(tb, 0, 8, MTR_KIND_MALLOC), other = tb_site(tb, 0, 1, MTR_KIND_MALLOC);
        const struct groups_end ends[] = { groups_end_units(1), groups_end_units(3), groups_end_units(5) };
        struct told *told;

        for (int i = 0; i < 3; i++)
                tb_alloc(tb, site);
        tb_block(tb);
        tb_at(tb, 2 * MS);
        tb->site_books[site].live = 1;
        tb->site_books[other].live = 9;
        tb_checkpoint(tb);
        tb_alloc(tb, site);
        tb_block(tb);
        tb_at(tb, 4 * MS);
        tb_alloc(tb, site);
        tb_end(tb, MTR_END_EXITED, 0);
        told = told_of(tb, load(tb), ends, 3);
        cr_assert(!told[0].unsure && told[1].unsure && !told[2].unsure);
        cr_assert_eq(told[1].held[0].least_bytes, 8);
        cr_assert_eq(told[1].held[0].most_bytes, 24);
        cr_assert_eq(told[1].held[0].end_bytes, 16);
        cr_assert_eq(told[1].held[1].least_bytes, 0);
        cr_assert_eq(told[1].held[1].most_bytes, 9);
        free(told);
}
