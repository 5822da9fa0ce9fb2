/* A program that scribbles on the session: the collector reads on, and what it writes stays a trace. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "stage.h"

#define A UINT64_C(0x555500001000)

static struct stage *stage;

static void begin(void) {
        stage = stage_new(2);
        play_thread(stage, 0, 100);
        play_thread(stage, 1, 101);
}

TestSuite(damage, .init = begin);

static void turns(uint32_t count) {
        for (uint32_t i = 0; i < count; i++) {
                stage_pass(stage, 7 * STAGE_MS);
                (void)stage_turn(stage);
        }
}

/* Whatever was lost, the file must decode and its events replay. */
static void finish(void) {
        struct seen *seen;

        trace_close(stage->trace, MTR_END_UNKNOWN, 0);
        seen = seen_read(stage->fd);
        cr_assert(seen->replays);
        cr_assert_eq(seen->end_count, 1);
        seen_free(seen);
        stage_free(stage);
}

static uint64_t wild(void) {
        return (uint64_t)rand() << 42 ^ (uint64_t)rand() << 21 ^ (uint64_t)rand();
}

Test(damage, wild_words_in_a_ring) {
        srand(1);
        for (uint32_t turn = 0; turn < 50; turn++) {
                for (uint32_t ring = 0; ring < 2; ring++) {
                        uint64_t position = ring_reserve(stage->rings[ring], 4000);

                        for (uint64_t i = 0; i < 4000; i++) {
                                if (rand() % 1000 != 0)
                                        ring_put(stage->rings[ring], position + i, wild() & ~RECORD_LAP);
                        }
                }
                turns(200);
        }
        finish();
}

/* Words that are records of every kind, in no order that makes sense. */
Test(damage, records_that_make_no_sense) {
        srand(2);
        for (uint32_t i = 0; i < 60000; i++) {
                uint32_t ring = (uint32_t)rand() % 2;
                uint64_t address = A + (uint64_t)(rand() % 50) * 16, time = (uint64_t)rand() % 1000000;

                switch (rand() % 8) {
                case 0:
                        play_alloc(stage, ring, address, (uint32_t)wild() & 0x3fffffff, wild() >> 3, time);
                        break;
                case 1:
                        play_done(stage, ring, address, (uint32_t)rand() % 100000, 5, time);
                        break;
                case 2:
                        play_alloc(stage, ring, address, 0, 5, time);
                        break;
                default:
                        play_op(stage, ring, (enum record_op)(rand() % 16), address, time);
                }
                if (i % 2000 == 0)
                        turns(1);
        }
        turns(3);
        finish();
}

Test(damage, wild_heads) {
        static const uint64_t heads[] = { UINT64_MAX, 0, UINT64_C(1) << 63, RING_WORDS * 3, 5 };

        play_alloc(stage, 0, A, 0, 1, 1000);
        turns(1);
        for (uint32_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
                stage->rings[0]->head = heads[i];
                turns(200);
        }
        finish();
}

Test(damage, a_wild_time_holds_nothing_back) {
        struct seen *seen;

        play_alloc(stage, 0, A, 0, 1, UINT64_C(1) << 61);
        play_free(stage, 0, A, 1000);
        turns(3);
        cr_assert_eq(stage->trace->events.frees, 1);
        play_alloc(stage, 1, A, 0, 2, 22 * STAGE_MS);
        turns(3);
        seen = stage_finish(stage);
        cr_assert_eq(seen->events[2].unit, 22);
        seen_free(seen);
        stage_free(stage);
}

Test(damage, a_wild_time_in_the_only_ring) {
        struct stage *alone = stage_new(1);
        struct seen *seen;

        play_thread(alone, 0, 100);
        play_alloc(alone, 0, A, 0, 1, UINT64_C(1) << 61);
        stage_pass(alone, 10 * STAGE_MS);
        (void)stage_turn(alone);
        play_free(alone, 0, A, 12 * STAGE_MS);
        stage_pass(alone, 10 * STAGE_MS);
        (void)stage_turn(alone);
        seen = stage_finish(alone);
        cr_assert_eq(seen->events[0].unit, 10);
        cr_assert_eq(seen->events[1].unit, 12);
        seen_free(seen);
        stage_free(alone);
        stage_free(stage);
}

Test(damage, stacks_in_circles_and_chunks_that_are_not) {
        uint64_t frames[10] = { 0x1000, 0x2000, 0x3000, 0x4000, 0x5000 };
        uint32_t node = stage_stack(stage, frames, 5), chunk = stage->process->stacks.node_chunks[0];
        struct stack_node *nodes = session_chunk(stage->session, chunk);
        struct seen *seen;

        nodes[1].parent = node;
        play_alloc(stage, 0, A, node, 1, 1000);
        turns(1);
        nodes[1].parent = 0;
        stage->process->stacks.node_chunks[1] = stage->session->chunk_count + 5;
        play_alloc(stage, 0, A + 16, STACK_NODES_PER_CHUNK + 7, 1, 2000);
        stage->process->stacks.node_chunks[2] = UINT32_MAX;
        play_alloc(stage, 0, A + 32, STACK_NODES_PER_CHUNK * 2 + 7, 1, 3000);
        play_alloc(stage, 0, A + 48, 0x3fffffff, 1, 4000);
        play_alloc(stage, 0, A + 64, node, 2, 5000);
        turns(1);
        seen = stage_finish(stage);
        cr_assert_eq(seen->allocations, 5);
        cr_assert_eq(seen->stack_count, 5);
        seen_free(seen);
        stage_free(stage);
}

Test(damage, rings_that_are_not) {
        uint32_t own = stage->process->rings[0];

        stage->process->rings[2] = own;
        atomic_store(&stage->process->ring_count, 3);
        turns(2);
        cr_assert_eq(stage->trace->cursor_count, 2, "a chunk is one ring only");
        stage->process->rings[2] = UINT32_MAX;
        atomic_store(&stage->process->ring_count, UINT32_MAX);
        turns(2);
        play_alloc(stage, 0, A, 0, 1, 1000);
        turns(2);
        cr_assert_eq(stage->trace->events.allocations, 1);
        finish();
}

Test(damage, all_of_the_process_scribbled_on) {
        uint64_t *words = (uint64_t *)stage->process;

        srand(3);
        for (uint32_t turn = 0; turn < 300; turn++) {
                for (uint32_t i = 0; i < 2000; i++) {
                        size_t at = (size_t)wild() % (sizeof(struct process) / sizeof(uint64_t));

                        words[at] = rand() % 2 ? wild() : (uint64_t)rand() % 4;
                }
                atomic_store(&stage->process->flush, 0);
                for (uint32_t i = 0; i < 20; i++) {
                        play_alloc(stage, (uint32_t)rand() % 2, A + (uint64_t)rand() % 1000 * 16,
                                   (uint32_t)wild() % 70000, (uint64_t)rand() % 100, turn * STAGE_MS + 1);
                }
                turns(1);
        }
        finish();
}

/* What the collector must not lose sight of, it knows for itself. */
Test(damage, the_session_itself_scribbled_on) {
        memset(&stage->session->options, 0xff, sizeof(stage->session->options));
        stage->session->chunk_count = UINT32_MAX;
        stage->process->rings[2] = CHUNK_COUNT_MAX + 5;
        atomic_store(&stage->process->ring_count, 3);
        stage->process->stacks.node_chunks[0] = CHUNK_COUNT_MAX + 5;
        play_alloc(stage, 0, A, 7, 1, 1000);
        turns(2);
        cr_assert_eq(stage->trace->cursor_count, 2, "a chunk beyond all chunks is no ring");
        cr_assert_eq(stage->trace->events.allocations, 1);
        cr_assert_eq(stage->trace->stacks.count, 0, "nor does it hold stacks");
        finish();
}

Test(damage, sizes_beyond_all_memory) {
        struct seen *seen;

        play_alloc(stage, 0, A, 0, MTR_SITE_BYTES_MAX + 1, 1000);
        play_alloc(stage, 0, A + 16, 0, MTR_SITE_BYTES_MAX, 2000);
        turns(2);
        seen = stage_finish(stage);
        cr_assert_eq(seen->allocations, 1);
        cr_assert_eq(seen->allocated_bytes, MTR_SITE_BYTES_MAX);
        seen_free(seen);
        stage_free(stage);
}

/* A batch of nothing but threads that begin, each undoing all that a realloc can have left behind. */
Test(damage, as_many_events_as_records_can_bring) {
        struct stage *wide = stage_new(STAGE_RINGS);
        struct seen *seen;

        for (uint32_t ring = 0; ring < STAGE_RINGS; ring++) {
                for (uint64_t i = 0; i < CURSOR_BEGUN_MAX; i++) {
                        uint64_t address = A + (ring * CURSOR_BEGUN_MAX + i) * 16;

                        play_alloc(wide, ring, address, 0, 1, 1);
                        play_op(wide, ring, RECORD_REALLOC_BEGIN, address, 1);
                        play_alloc(wide, ring, address, 0, 2, 1);
                }
        }
        stage_pass(wide, STAGE_MS);
        (void)stage_turn(wide);
        for (uint32_t ring = 0; ring < STAGE_RINGS; ring++)
                play_op(wide, ring, RECORD_THREAD, 200 + ring, (ring + 2) * STAGE_MS);
        stage_pass(wide, (STAGE_RINGS + 2) * STAGE_MS);
        (void)stage_turn(wide);
        cr_assert_eq(wide->trace->events.frees, STAGE_RINGS * CURSOR_BEGUN_MAX);
        seen = stage_finish(wide);
        seen_free(seen);
        stage_free(wide);
        stage_free(stage);
}
