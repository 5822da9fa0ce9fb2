/* Blocks: when they are written, what stands in them, and what becomes of a file that cannot grow. */
#include <criterion/criterion.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "stage.h"

#define A UINT64_C(0x555500001000)

static struct stage *stage;

static void begin(void) {
        stage = stage_new(1);
        play_thread(stage, 0, 100);
}

TestSuite(block, .init = begin);

static void turn_after(uint64_t ns) {
        stage_pass(stage, ns);
        (void)stage_turn(stage);
}

static uint32_t blocks_now(void) {
        struct seen *seen = seen_read(stage->fd);
        uint32_t count = seen->block_count;

        seen_free(seen);
        return count;
}

static void done(struct seen *seen) {
        seen_free(seen);
        stage_free(stage);
}

Test(block, the_first_one_is_there_at_once_and_names_the_process) {
        struct seen *seen = seen_read(stage->fd);

        cr_assert_eq(seen->block_count, 1);
        cr_assert_eq(seen->process_count, 1);
        cr_assert_eq(seen->process.pid, stage->process->pid);
        cr_assert_eq(seen->process.depth_limit, 64);
        cr_assert_eq(seen->end_count, 0);
        done(seen);
}

Test(block, events_are_in_the_file_within_fifty_milliseconds) {
        turn_after(STAGE_MS);
        play_alloc(stage, 0, A, 0, 16, 2 * STAGE_MS);
        for (int turns = 0; turns < 6; turns++)
                turn_after(8 * STAGE_MS);
        cr_assert_eq(blocks_now(), 2);
        for (int turns = 0; turns < 100; turns++)
                turn_after(8 * STAGE_MS);
        cr_assert_eq(blocks_now(), 2, "no events, no blocks");
        done(stage_finish(stage));
}

Test(block, a_request_is_met_with_all_that_was_before_it) {
        struct seen *seen;

        turn_after(STAGE_MS);
        play_alloc(stage, 0, A, 0, 16, 0);
        atomic_store(&stage->process->flush, 1);
        (void)stage_turn(stage);
        stage_pass(stage, UINT64_C(1) << 50); /* the clock of the request is the real one */
        (void)stage_turn(stage);
        cr_assert_eq(atomic_load(&stage->process->flushed), 1);
        seen = seen_read(stage->fd);
        cr_assert_eq(seen->event_count, 1);
        cr_assert_eq(seen->end_count, 0);
        done(seen);
}

Test(block, a_request_at_the_end_says_how_it_ends) {
        struct seen *seen;

        play_alloc(stage, 0, A, 0, 16, 0);
        atomic_store(&stage->process->end_code, 3);
        atomic_store(&stage->process->end_how, MTR_END_EXITED);
        atomic_store(&stage->process->flush, 1);
        (void)stage_turn(stage);
        stage_pass(stage, UINT64_C(1) << 50);
        (void)stage_turn(stage);
        seen = seen_read(stage->fd);
        cr_assert_eq(seen->end_count, 1);
        cr_assert_eq(seen->end.code, 3);
        cr_assert_eq(seen->end.live_blocks, 1);
        cr_assert(seen->blocks[seen->block_count - 1].header.flags & MTR_BLOCK_END);
        seen_free(seen);
        /* A handler that runs later still counts, and a signal changes how it ended. */
        play_free(stage, 0, A, 0);
        trace_close(stage->trace, MTR_END_SIGNALED, 9);
        seen = seen_read(stage->fd);
        cr_assert_eq(seen->end_count, 2);
        cr_assert_eq(seen->end.how, MTR_END_SIGNALED);
        cr_assert_eq(seen->end.live_blocks, 0);
        done(seen);
}

Test(block, an_end_that_is_told_is_not_told_twice) {
        struct seen *seen;

        atomic_store(&stage->process->end_how, MTR_END_EXITED);
        atomic_store(&stage->process->flush, 1);
        (void)stage_turn(stage);
        stage_pass(stage, UINT64_C(1) << 50);
        (void)stage_turn(stage);
        trace_close(stage->trace, MTR_END_EXITED, 0);
        seen = seen_read(stage->fd);
        cr_assert_eq(seen->end_count, 1);
        done(seen);
}

/* So many allocations over a thousand sites, each freed a thousand later. */
static void play_many(uint32_t count) {
        uint64_t frame = UINT64_C(0x555500000000);
        uint32_t nodes[100];

        for (uint32_t i = 0; i < 100; i++)
                nodes[i] = stage_stack(stage, (uint64_t[]){ frame, frame + 16 + i }, 2);
        for (uint32_t i = 0; i < count; i++) {
                play_alloc(stage, 0, A + i % 2000 * 64, nodes[i * 31 % 100], 1 + i % 10, 0);
                if (i >= 1000)
                        play_free(stage, 0, A + (i - 1000) % 2000 * 64, 0);
                if (i % 4000 == 3999)
                        turn_after(STAGE_MS / 100);
        }
}

Test(block, large_streams_are_cut_into_blocks_with_checkpoints) {
        uint32_t checkpoints = 0;
        struct seen *seen;

        play_many(2000000);
        seen = stage_finish(stage);
        cr_assert_eq(seen->event_count, 2000000 * 2 - 1000);
        cr_assert_eq(seen->site_count, 100, "ten sizes, each stack with one");
        cr_assert_geq(seen->block_count, 3);
        for (uint32_t i = 0; i < seen->block_count; i++) {
                checkpoints += seen->blocks[i].checkpoint;
                cr_assert_leq(seen->blocks[i].header.raw_bytes, 2u << 20);
        }
        cr_assert_geq(checkpoints, 1);
        done(seen);
}

Test(block, time_moves_on_in_the_stream) {
        struct seen *seen;

        for (uint64_t i = 1; i <= 20; i++)
                play_alloc(stage, 0, A + i * 16, 0, 8, i * STAGE_MS + STAGE_MS / 2);
        turn_after(50 * STAGE_MS);
        play_alloc(stage, 0, A, 0, 8, 70 * STAGE_MS);
        turn_after(50 * STAGE_MS);
        seen = stage_finish(stage);
        for (uint64_t i = 1; i <= 20; i++)
                cr_assert_eq(seen->events[i - 1].unit, i);
        cr_assert_eq(seen->events[20].unit, 70);
        done(seen);
}

Test(block, its_last_time_is_its_last_events) {
        struct seen *seen;

        play_alloc(stage, 0, A, 0, 8, 14 * STAGE_MS);
        play_free(stage, 0, A + 4096, 42 * STAGE_MS); /* foreign: no event */
        turn_after(50 * STAGE_MS);
        turn_after(50 * STAGE_MS);
        seen = stage_finish(stage);
        for (uint32_t i = 0; i < seen->block_count; i++)
                if (seen->blocks[i].header.event_count != 0)
                        cr_assert_eq(seen->blocks[i].header.last_time_ns / MTR_TIME_UNIT_NS, 14);
        cr_assert_eq(seen->event_count, 1);
        done(seen);
}

Test(block, a_record_without_time_is_no_older_than_the_turn_before_it) {
        struct seen *seen;

        play_alloc(stage, 0, A, 0, 8, STAGE_MS);
        turn_after(2 * STAGE_MS);
        turn_after(20 * STAGE_MS);
        play_alloc(stage, 0, A + 16, 0, 8, 0);
        turn_after(STAGE_MS);
        seen = stage_finish(stage);
        cr_assert_eq(seen->events[0].unit, 1);
        cr_assert_eq(seen->events[1].unit, 22);
        done(seen);
}

Test(block, a_file_that_cannot_grow_keeps_its_whole_blocks_and_declares_the_rest) {
        struct rlimit limit = { .rlim_max = RLIM_INFINITY }, none = { RLIM_INFINITY, RLIM_INFINITY };
        struct stat status;
        struct seen *seen;

        (void)signal(SIGXFSZ, SIG_IGN);
        play_many(3000);
        turn_after(40 * STAGE_MS);
        cr_assert_eq(fstat(stage->fd, &status), 0);
        limit.rlim_cur = (rlim_t)status.st_size + 500;
        cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
        play_many(800000);
        cr_assert_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
        trace_close(stage->trace, MTR_END_EXITED, 0);
        seen = seen_read(stage->fd);
        cr_assert_eq(seen->end_count, 1);
        cr_assert_eq(seen->loss_count, 1);
        cr_assert_eq(seen->lost[MTR_LOSS_WRITE] + seen->event_count, seen->end.allocations + seen->end.frees);
        cr_assert_eq(seen->end.lost, seen->lost[MTR_LOSS_WRITE]);
        done(seen);
}
