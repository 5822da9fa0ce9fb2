/* What the program says by a name, from a ring to the file. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "stage.h"

#define A UINT64_C(0x555500001000)
#define SITES 300u

static struct stage *stage;

static void begin(void) {
        stage = stage_new(2);
        play_thread(stage, 0, 100);
}

TestSuite(marks, .init = begin);

static void turn_after(uint64_t ns) {
        stage_pass(stage, ns);
        (void)stage_turn(stage);
}

/* The second ring, by when there is one: events are merged by time from then on. */
static void second_thread(void) {
        play_thread(stage, 1, 101);
}

static void done(struct seen *seen) {
        seen_free(seen);
        stage_free(stage);
}

Test(marks, stand_between_the_events_of_their_ring) {
        struct seen *seen;

        play_name(stage, 0, RECORD_NAME_MARK, "first", 1000);
        play_alloc(stage, 0, A, 0, 16, 0);
        play_alloc(stage, 0, A + 16, 0, 16, 0);
        play_name(stage, 0, RECORD_NAME_SNAPSHOT, "two", 2000);
        play_name(stage, 0, RECORD_NAME_SCOPE_BEGIN, "s", 3000);
        play_free(stage, 0, A, 0);
        play_name(stage, 0, RECORD_NAME_SCOPE_END, "s", 4000);
        play_name(stage, 0, RECORD_NAME_MARK, "three", 4000);
        turn_after(STAGE_MS);
        seen = stage_finish(stage);
        cr_assert_str_eq(seen_marks(seen), "M0:first S2:two B2:s/0 E3:s/0 M3:three");
        cr_assert_eq(seen->marks[1].time_ns, 2000);
        cr_assert_eq(seen->marks[3].time_ns, 4000);
        cr_assert_eq(seen->end.lost, 0);
        done(seen);
}

/* Controls of the stream, for time and thread, are no events. */
Test(marks, are_counted_by_events_alone) {
        struct seen *seen;

        second_thread();
        play_alloc(stage, 0, A, 0, 16, 1 * STAGE_MS);
        play_alloc(stage, 1, A + 16, 0, 16, 2 * STAGE_MS);
        play_alloc(stage, 0, A + 32, 0, 16, 3 * STAGE_MS);
        play_name(stage, 1, RECORD_NAME_SCOPE_BEGIN, "b", 4 * STAGE_MS);
        play_name(stage, 0, RECORD_NAME_SCOPE_BEGIN, "a", 5 * STAGE_MS);
        play_alloc(stage, 1, A + 48, 0, 16, 6 * STAGE_MS);
        play_name(stage, 1, RECORD_NAME_MARK, "m", 7 * STAGE_MS);
        turn_after(10 * STAGE_MS);
        seen = stage_finish(stage);
        cr_assert_str_eq(seen_marks(seen), "B3:b/1 B3:a/0 M4:m");
        cr_assert_eq(seen->marks[2].time_ns, 7 * STAGE_MS);
        done(seen);
}

Test(marks, a_name_has_any_bytes_and_any_length_up_to_the_longest) {
        char name[RECORD_NAME_BYTES_MAX + 1];
        struct seen *seen;

        for (uint32_t length = 1; length <= RECORD_NAME_BYTES_MAX; length++) {
                for (uint32_t i = 0; i < length; i++)
                        name[i] = (char)(255 - (i + length) % 255);
                name[length] = '\0';
                play_name(stage, 0, RECORD_NAME_MARK, name, 1000 + length);
                if (length % 100 == 0)
                        turn_after(STAGE_MS);
        }
        turn_after(STAGE_MS);
        seen = stage_finish(stage);
        cr_assert_eq(seen->mark_count, RECORD_NAME_BYTES_MAX);
        for (uint32_t length = 1; length <= RECORD_NAME_BYTES_MAX; length++) {
                for (uint32_t i = 0; i < length; i++)
                        name[i] = (char)(255 - (i + length) % 255);
                name[length] = '\0';
                cr_assert_str_eq(seen->marks[length - 1].name, name);
        }
        done(seen);
}

/* More names than a batch has records, all over the ring's end. */
Test(marks, go_around_the_ring) {
        static char name[RECORD_NAME_BYTES_MAX + 1];
        uint32_t count = 0;
        struct seen *seen;

        memset(name, 'x', RECORD_NAME_BYTES_MAX);
        while (stage->rings[0]->head < RING_WORDS * 2) {
                snprintf(name, 8, "%07u", count);
                name[7] = 'x';
                play_name(stage, 0, RECORD_NAME_MARK, name, 1000 + count);
                if (++count % 1000 == 0)
                        turn_after(STAGE_MS);
        }
        turn_after(STAGE_MS);
        seen = stage_finish(stage);
        cr_assert_eq(seen->mark_count, count);
        for (uint32_t i = 0; i < count; i++) {
                cr_assert_eq((uint32_t)atoi(seen->marks[i].name), i);
                cr_assert_eq(strlen(seen->marks[i].name), RECORD_NAME_BYTES_MAX);
        }
        done(seen);
}

/* A mark whose words are not all there holds its ring up like any record. */
Test(marks, a_name_is_waited_for_to_its_last_word) {
        struct seen *seen;
        uint64_t position = ring_reserve(stage->rings[0], 4);

        ring_put(stage->rings[0], position,
                 record_first(RECORD_NAME, RECORD_NAME_MARK, 9) | RECORD_SIZED | RECORD_TIMED);
        ring_put(stage->rings[0], position + 1, UINT64_C(0x64636261646362));
        ring_put(stage->rings[0], position + 3, 1000);
        play_alloc(stage, 0, A, 0, 16, 0);
        turn_after(STAGE_MS);
        cr_assert_eq(stage->trace->events.allocations, 0);
        ring_put(stage->rings[0], position + 2, UINT64_C(0x6665));
        turn_after(STAGE_MS);
        cr_assert_eq(stage->trace->events.allocations, 1);
        seen = stage_finish(stage);
        cr_assert_str_eq(seen_marks(seen), "M0:bcdabcdef");
        done(seen);
}

Test(marks, what_is_no_name_is_passed_over) {
        struct seen *seen;

        play_name(stage, 0, RECORD_NAME_MARK, "", 1000);
        play_name(stage, 0, RECORD_NAME_THREAD, "", 1000);
        play_name(stage, 0, (enum record_name)5, "of no kind", 1000);
        play_name(stage, 0, (enum record_name)15, "nor this", 1000);
        /* A NUL ends a name, wherever its length says that it ends. */
        play_words(stage, 0, record_first(RECORD_NAME, RECORD_NAME_MARK, 7) | RECORD_SIZED,
                   (uint64_t[]){ UINT64_C(0x63626100636261) }, 1, 1000);
        play_words(stage, 0, record_first(RECORD_NAME, RECORD_NAME_MARK, 7) | RECORD_SIZED,
                   (uint64_t[]){ UINT64_C(0x63626100636200) }, 1, 1000);
        /* Words of a name that a record without the flag cannot have. */
        play_words(stage, 0, record_first(RECORD_NAME, RECORD_NAME_MARK, 3), (uint64_t[]){ 0x636261 }, 1,
                   1000);
        play_alloc(stage, 0, A, 0, 16, 0);
        turn_after(STAGE_MS);
        seen = stage_finish(stage);
        cr_assert_str_eq(seen_marks(seen), "M0:abc");
        cr_assert_eq(seen->allocations, 1);
        cr_assert_eq(seen->named_count, 0);
        done(seen);
}

Test(marks, a_thread_takes_the_name_it_gave_itself) {
        struct seen *seen;

        second_thread();
        play_name(stage, 1, RECORD_NAME_THREAD, "worker", 2000);
        play_name(stage, 0, RECORD_NAME_THREAD, "main", 3000);
        play_name(stage, 1, RECORD_NAME_THREAD, "worker again", 4000);
        turn_after(STAGE_MS);
        seen = stage_finish(stage);
        cr_assert_eq(seen->named_count, 3);
        cr_assert_eq(seen->named[0].thread, 1);
        cr_assert_str_eq(seen->named[0].name, "worker");
        cr_assert_eq(seen->named[1].thread, 0);
        cr_assert_str_eq(seen->named[2].name, "worker again");
        done(seen);
}

/* A mark alone is in the file as soon as an event, and at the end. */
Test(marks, need_no_event_to_be_written) {
        struct seen *seen;

        turn_after(STAGE_MS);
        play_name(stage, 0, RECORD_NAME_MARK, "alone", 1000);
        for (int turns = 0; turns < 6; turns++)
                turn_after(8 * STAGE_MS);
        seen = seen_read(stage->fd);
        cr_assert_str_eq(seen_marks(seen), "M0:alone");
        cr_assert_eq(seen->block_count, 2);
        seen_free(seen);
        play_name(stage, 0, RECORD_NAME_MARK, "late", 50 * STAGE_MS);
        seen = stage_finish(stage);
        cr_assert_str_eq(seen_marks(seen), "M0:alone M0:late");
        done(seen);
}

/* A program goes on after it has said that it ends: its last handlers still name something. */
Test(marks, are_written_after_the_end_that_was_told) {
        struct seen *seen;

        atomic_store(&stage->process->end_how, MTR_END_EXITED);
        atomic_store(&stage->process->flush, 1);
        (void)stage_turn(stage);
        stage_pass(stage, UINT64_C(1) << 50); /* the clock of the request is the real one */
        (void)stage_turn(stage);
        cr_assert_eq(atomic_load(&stage->process->flushed), 1);
        play_name(stage, 0, RECORD_NAME_MARK, "last words", 1000);
        seen = stage_finish(stage);
        cr_assert_str_eq(seen_marks(seen), "M0:last words");
        done(seen);
}

static void play_sites(uint32_t rounds) {
        for (uint32_t round = 0; round < rounds; round++) {
                for (uint32_t i = 0; i < SITES; i++)
                        play_alloc(stage, 0, A + 16 * (round * SITES + i), 0, i + 1, 0);
                turn_after(STAGE_MS / 1000);
        }
}

static uint32_t checkpoints(const struct seen *seen) {
        uint32_t count = 0;

        for (uint32_t i = 0; i < seen->block_count; i++)
                count += seen->blocks[i].checkpoint;
        return count;
}

/* The decoder holds each checkpoint against the state that it replays. */
Test(marks, a_snapshot_begins_a_block_with_a_checkpoint) {
        struct seen *seen;

        play_sites(200); /* at two bytes an event more than 64 KiB */
        play_name(stage, 0, RECORD_NAME_SNAPSHOT, "kept", 900 * STAGE_MS);
        play_alloc(stage, 0, A - 16, 0, 7, 0);
        play_name(stage, 0, RECORD_NAME_SNAPSHOT, "next to it", 900 * STAGE_MS);
        turn_after(STAGE_MS);
        seen = stage_finish(stage);
        cr_assert_str_eq(seen_marks(seen), "S60000:kept S60001:next to it");
        cr_assert_eq(checkpoints(seen), 1, "the second saves no reading");
        cr_assert(seen->blocks[seen->marks[0].block].checkpoint);
        cr_assert_eq(seen->blocks[seen->marks[0].block].checkpoint_blocks, 60000);
        cr_assert_eq(seen->marks[0].event, 0);
        cr_assert_eq(seen->marks[1].block, seen->marks[0].block);
        done(seen);
}

/* 60 000 sites with live blocks are more to write than the 50 000 events of one site to read. */
Test(marks, a_snapshot_of_much_that_saves_little_has_no_checkpoint) {
        struct seen *seen;

        for (uint32_t i = 0; i < 60000; i++) {
                play_alloc(stage, 0, A + 16 * i, 0, i + 1, 0);
                if (i % 10000 == 0)
                        turn_after(STAGE_MS);
        }
        play_name(stage, 0, RECORD_NAME_SNAPSHOT, "with", 0);
        for (uint32_t i = 0; i < 50000; i++) {
                play_alloc(stage, 0, A - 16, 0, 30000, 0);
                play_free(stage, 0, A - 16, 0);
                if (i % 10000 == 0)
                        turn_after(STAGE_MS);
        }
        play_name(stage, 0, RECORD_NAME_SNAPSHOT, "without", 0);
        turn_after(STAGE_MS);
        seen = stage_finish(stage);
        cr_assert_str_eq(seen_marks(seen), "S60000:with S160000:without");
        cr_assert_eq(checkpoints(seen), 1);
        done(seen);
}

Test(marks, snapshots_of_little_cost_no_block) {
        struct seen *seen;

        turn_after(STAGE_MS);
        for (uint32_t i = 0; i < 1000; i++) {
                play_alloc(stage, 0, A + 16 * i, 0, 16, 0);
                play_name(stage, 0, RECORD_NAME_SNAPSHOT, "s", STAGE_MS + i);
        }
        (void)stage_turn(stage);
        seen = stage_finish(stage);
        cr_assert_eq(seen->mark_count, 1000);
        cr_assert_eq(checkpoints(seen), 0);
        cr_assert_eq(seen->block_count, 2);
        done(seen);
}

/* With several rings the events of both before it are in the checkpoint, and none after it. */
Test(marks, a_snapshot_of_merged_rings_has_what_came_before) {
        struct seen *seen;

        second_thread();
        for (uint32_t i = 0; i < 30000; i++) {
                play_alloc(stage, i % 2, A + 16 * i, 0, i % SITES + 1, STAGE_MS + 2 * i);
                if (i % 5000 == 4999)
                        turn_after(STAGE_MS);
        }
        play_name(stage, 1, RECORD_NAME_SNAPSHOT, "kept", 10 * STAGE_MS);
        play_alloc(stage, 0, A - 16, 0, 5, 9 * STAGE_MS);
        play_alloc(stage, 1, A - 32, 0, 5, 11 * STAGE_MS);
        turn_after(20 * STAGE_MS);
        seen = stage_finish(stage);
        cr_assert_str_eq(seen_marks(seen), "S30001:kept");
        cr_assert(seen->blocks[seen->marks[0].block].checkpoint);
        cr_assert_eq(seen->blocks[seen->marks[0].block].checkpoint_blocks, 30001);
        done(seen);
}
