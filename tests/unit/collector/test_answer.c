/* What a program asks, and what it has done to the numbers: from the record to the answer's place. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "collector/answer.h"
#include "stage.h"

#define A UINT64_C(0x555500001000)
#define ASKED(round) ((round)*QUESTION_ROUND | QUESTION_ASKED)
#define ANSWERED(round) ((round)*QUESTION_ROUND | QUESTION_ANSWERED)

static struct stage *stage;

static void begin(void) {
        stage = stage_new(1);
        play_thread(stage, 0, 100);
}

TestSuite(answer, .init = begin);

static void turn(void) {
        stage_pass(stage, STAGE_MS);
        (void)stage_turn(stage);
}

static struct question *place(uint32_t index) {
        return &stage->process->questions[index];
}

static uint32_t state_of(uint32_t index) {
        return atomic_load(&place(index)->state);
}

static uint64_t answer_of(uint32_t index, uint32_t which) {
        return atomic_load(&place(index)->answers[which]);
}

/* The record alone. */
static void play_ask(enum record_ask kind, uint64_t address, uint64_t name, uint64_t time) {
        play_words(stage, 0, record_first(RECORD_ASK, kind, address) | RECORD_SIZED, &name, 1, time);
}

/* As a thread does it. */
static void ask(uint32_t index, uint32_t round, enum record_ask kind, uint64_t address, uint64_t time) {
        atomic_store(&place(index)->state, ASKED(round));
        play_ask(kind, address, question_name(index, ASKED(round)), time);
}

static struct seen *finish(void) {
        turn();
        return stage_finish(stage);
}

static void done(struct seen *seen) {
        seen_free(seen);
        stage_free(stage);
}

Test(answer, is_as_of_the_very_record) {
        play_alloc(stage, 0, A, 0, 1000, 0);
        play_alloc(stage, 0, A + 4096, 0, 24, 0);
        play_free(stage, 0, A, 0);
        ask(3, 7, RECORD_ASK_MEMORY, 0, 1000);
        play_alloc(stage, 0, A, 0, 5, 2000);
        ask(4, 1, RECORD_ASK_MEMORY, 0, 3000);
        turn();
        cr_assert_eq(state_of(3), ANSWERED(7));
        cr_assert_eq(answer_of(3, 0), 24);
        cr_assert_eq(answer_of(3, 1), 1024);
        cr_assert_eq(state_of(4), ANSWERED(1));
        cr_assert_eq(answer_of(4, 0), 29);
        cr_assert_eq(answer_of(4, 1), 1024);
        done(finish());
}

Test(answer, the_peak_since_it_was_set_back) {
        struct seen *seen;

        play_alloc(stage, 0, A, 0, 1000, 0);
        play_free(stage, 0, A, 0);
        play_alloc(stage, 0, A, 0, 10, 0);
        play_ask(RECORD_ASK_RESET_PEAK, 0, 0, 1000);
        ask(0, 1, RECORD_ASK_MEMORY, 0, 2000);
        play_alloc(stage, 0, A + 4096, 0, 90, 0);
        play_free(stage, 0, A + 4096, 0);
        ask(1, 1, RECORD_ASK_MEMORY, 0, 3000);
        turn();
        cr_assert_eq(answer_of(0, 0), 10);
        cr_assert_eq(answer_of(0, 1), 10);
        cr_assert_eq(answer_of(1, 0), 10);
        cr_assert_eq(answer_of(1, 1), 100);
        seen = finish();
        cr_assert_eq(seen->end.peak_bytes, 1000, "the trace keeps its own");
        done(seen);
}

Test(answer, the_stack_of_a_live_blocks_beginning_alone) {
        uint32_t inner = stage_stack(stage, (uint64_t[]){ 0x10010, 0x10020 }, 2);
        uint32_t outer = stage_stack(stage, (uint64_t[]){ 0x10010 }, 1);
        const uint64_t asked[] = { A, A + 4096, A + 8, A + 8192, 0 };
        const uint32_t wanted[] = { inner, outer, 0, 0, 0 };

        play_alloc(stage, 0, A, inner, 1000, 0);
        play_alloc(stage, 0, A + 4096, outer, 1000, 0);
        play_alloc(stage, 0, A + 8192, outer, 1000, 0);
        play_free(stage, 0, A + 8192, 0);
        for (uint32_t i = 0; i < 5; i++)
                ask(i, 1, RECORD_ASK_STACK, asked[i], 1000);
        turn();
        for (uint32_t i = 0; i < 5; i++) {
                cr_expect_eq(state_of(i), ANSWERED(1), "%u", i);
                cr_expect_eq(answer_of(i, 0), wanted[i], "%u", i);
        }
        done(finish());
}

Test(answer, what_tracing_takes_are_pages_that_are_there) {
        const uint64_t pages = 200;
        uint32_t chunk = session_chunk_take(stage->session);
        uint64_t before;

        ask(0, 1, RECORD_ASK_OVERHEAD, 0, 1000);
        turn();
        before = answer_of(0, 0);
        cr_assert_gt(before, 0);
        memset(session_chunk(stage->session, chunk), 1, pages * 4096);
        ask(0, 2, RECORD_ASK_OVERHEAD, 0, 2 * STAGE_MS);
        turn();
        cr_assert_eq(state_of(0), ANSWERED(2));
        cr_assert_geq(answer_of(0, 0), before + pages * 4096);
        done(finish());
}

/* What lives ends there, in the order of no one's; a release afterwards is foreign, and the peak begins anew.
 */
Test(answer, what_is_cleared_ends_in_the_stream) {
        struct seen *seen;

        play_alloc(stage, 0, A, 0, 16, 0);
        play_alloc(stage, 0, A + 4096, 0, 16, 0);
        play_ask(RECORD_ASK_CLEAR, 0, 0, 1000);
        ask(0, 1, RECORD_ASK_MEMORY, 0, 2000);
        play_free(stage, 0, A, 0);
        play_alloc(stage, 0, A, 0, 8, 0);
        play_ask(RECORD_ASK_CLEAR, 0, 0, 3000);
        play_ask(RECORD_ASK_CLEAR, 0, 0, 4000);
        turn();
        cr_assert_eq(answer_of(0, 0), 0);
        cr_assert_eq(answer_of(0, 1), 0);
        cr_assert_eq(stage->trace->heap.live.count, 0);
        seen = finish();
        cr_assert_str_eq(seen_story(seen), "A16 A16 F16 F16 A8 F8");
        cr_assert_eq(seen->end.foreign_frees, 1);
        cr_assert_eq(seen->end.lost, 0);
        done(seen);
}

/* More than can be staged, or stand in one block. */
Test(answer, very_much_is_cleared_to_the_last_block) {
        const uint32_t blocks = 600000;
        struct seen *seen;

        for (uint32_t i = 0; i < blocks; i++) {
                play_alloc(stage, 0, A + 16 * i, 0, i % 60000 + 1, 0);
                if (i % 10000 == 9999)
                        turn();
        }
        play_ask(RECORD_ASK_CLEAR, 0, 0, 90 * STAGE_MS);
        ask(0, 1, RECORD_ASK_MEMORY, 0, 90 * STAGE_MS + 1);
        turn();
        cr_assert_eq(state_of(0), ANSWERED(1));
        cr_assert_eq(answer_of(0, 0), 0);
        seen = finish();
        cr_assert_eq(seen->frees, blocks);
        cr_assert_eq(seen->live_blocks, 0);
        for (uint32_t i = 0; i < seen->block_count; i++)
                cr_assert_lt(seen->blocks[i].header.raw_bytes, 1500000, "a checkpoint, and events");
        done(seen);
}

/* Each of these names no question that is asked: nothing is written anywhere. */
Test(answer, goes_nowhere_when_nobody_asked) {
        struct question before[QUESTIONS];

        for (uint32_t i = 0; i < QUESTIONS; i++) {
                atomic_store(&place(i)->state, i == 5 ? ANSWERED(9) : i == 6 ? ASKED(9) : 9 * QUESTION_ROUND);
                atomic_store(&place(i)->answers[0], 11);
                atomic_store(&place(i)->answers[1], 12);
        }
        memcpy(before, stage->process->questions, sizeof(before));
        /* what stands behind the places looks like one that is asked */
        cr_assert_eq(*(uint32_t *)(void *)place(QUESTIONS), ASKED(0));
        play_ask(RECORD_ASK_MEMORY, 0, question_name(QUESTIONS, ASKED(0)), 1000);
        play_ask(RECORD_ASK_MEMORY, 0, question_name(QUESTIONS, ASKED(9)), 1000);
        play_ask(RECORD_ASK_MEMORY, 0, question_name(255, ASKED(9)), 1000);
        play_ask(RECORD_ASK_MEMORY, 0, question_name(4, ASKED(9)), 1000); /* it was given back */
        play_ask(RECORD_ASK_MEMORY, 0, question_name(5, ASKED(9)), 1000); /* it is answered */
        play_ask(RECORD_ASK_MEMORY, 0, question_name(6, ASKED(8)), 1000); /* a handler's that jumped away */
        play_ask(RECORD_ASK_MEMORY, 0, question_name(6, ANSWERED(9)), 1000); /* and such as none has asked */
        play_ask(RECORD_ASK_STACK, A, question_name(4, 9 * QUESTION_ROUND), 1000);
        play_ask(RECORD_ASK_MEMORY, 0, 0, 1000);
        play_ask(RECORD_ASK_CLEAR + 1, 0, question_name(6, ASKED(9)), 1000);
        play_ask(15, 0, question_name(6, ASKED(9)), 1000);
        turn();
        cr_assert_eq(atomic_load(&stage->process->ring_count), 1);
        cr_assert_eq(memcmp(before, stage->process->questions, sizeof(before)), 0);
        done(finish());
}

static bool awaited_after(uint64_t ns) {
        bool hurry = false;

        stage_pass(stage, ns);
        (void)trace_turn(stage->trace, &hurry);
        return hurry;
}

/* The collector does not sleep while somebody waits, but no longer than an answer may take. */
Test(answer, is_hurried_for_and_not_for_ever) {
        cr_assert_not(awaited_after(STAGE_MS));
        atomic_store(&place(2)->state, ASKED(1)); /* whose record never comes */
        cr_assert(awaited_after(STAGE_MS));
        cr_assert(awaited_after(19 * STAGE_MS));
        cr_assert_not(awaited_after(STAGE_MS));
        cr_assert_not(awaited_after(1000 * STAGE_MS));
        atomic_store(&place(2)->state, QUESTION_ROUND); /* who asked has given up */
        cr_assert_not(awaited_after(STAGE_MS));
        ask(2, 2, RECORD_ASK_MEMORY, 0, 0); /* and asks again */
        cr_assert_not(awaited_after(STAGE_MS), "it is answered in that turn");
        cr_assert_eq(state_of(2), ANSWERED(2));
        atomic_store(&place(2)->state, ASKED(3));
        cr_assert(awaited_after(STAGE_MS));
        done(finish());
}

/* Records of every kind and name, beside places that change under it. */
Test(answer, questions_that_make_no_sense) {
        srand(1);
        for (uint32_t i = 0; i < 2000; i++) {
                uint64_t name = question_name((uint32_t)rand() % 32, (uint32_t)rand() % 64);

                play_alloc(stage, 0, A + 16 * (rand() % 64), 0, 16, 0);
                atomic_store(&place((uint32_t)rand() % QUESTIONS)->state, (uint32_t)rand());
                play_ask((uint32_t)rand() % 16, A + 8 * (rand() % 128),
                         rand() % 4 ? name : (uint64_t)rand() << 30, 1 + i * 1000);
                if (i % 100 == 0)
                        turn();
        }
        done(finish());
}
