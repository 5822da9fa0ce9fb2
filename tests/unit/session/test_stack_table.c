/* The stack table: one id for one path, dense ids, whoever races whom. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>

#include "session/process.h"

static struct session *session;
static struct stack_table *table;

static void setup(void) {
        struct options options = { .depth = 1 };

        session = session_new(&options);
        table = &((struct process *)session_chunk(session, session_chunk_take(session)))->stacks;
}

TestSuite(stack_table, .init = setup);

Test(stack_table, the_same_path_has_the_same_id_and_another_has_not) {
        uint32_t spare = 0;
        uint32_t main_id = stack_table_intern(session, table, 0, 0x1000, &spare);
        uint32_t called = stack_table_intern(session, table, main_id, 0x2000, &spare);

        cr_assert_eq(main_id, 1, "ids count from 1");
        cr_assert_eq(called, 2);
        cr_assert_eq(stack_table_intern(session, table, 0, 0x1000, &spare), main_id);
        cr_assert_eq(stack_table_intern(session, table, main_id, 0x2000, &spare), called);
        cr_assert_eq(stack_table_intern(session, table, 0, 0x2000, &spare), 3, "the parent is part of it");
        cr_assert_eq(stack_table_intern(session, table, main_id, 0x2000 | STACK_FRAME_EXACT, &spare), 4);
        cr_assert_eq(stack_table_intern(session, table, main_id, 0x2000 | UINT64_C(1) << 48, &spare), 5);
        cr_assert_eq(stack_table_node(session, table, called)->parent, main_id);
        cr_assert_eq(stack_table_node(session, table, called)->frame, 0x2000);
}

enum { THREADS = 4, PATHS = 100000 };

static void *intern_all(void *argument) {
        uint32_t *ids = argument, spare = 0;

        for (uint32_t i = 0; i < PATHS; i++)
                ids[i] = stack_table_intern(session, table, i ? ids[(i - 1) / 2] : 0, 0x400000 + i * 8,
                                            &spare);
        return NULL;
}

Test(stack_table, threads_that_add_the_same_paths_agree_on_dense_ids) {
        static uint32_t ids[THREADS][PATHS];
        static unsigned char used[PATHS + THREADS + 2];
        pthread_t threads[THREADS];

        for (int i = 0; i < THREADS; i++)
                pthread_create(&threads[i], NULL, intern_all, ids[i]);
        for (int i = 0; i < THREADS; i++)
                pthread_join(threads[i], NULL);
        for (uint32_t i = 0; i < PATHS; i++) {
                for (int thread = 1; thread < THREADS; thread++)
                        cr_assert_eq(ids[thread][i], ids[0][i], "path %u", i);
                cr_assert_leq(ids[0][i], PATHS + THREADS, "at most one id a thread is left over");
                cr_assert_eq(used[ids[0][i]]++, 0, "path %u shares its id", i);
                cr_assert_eq(stack_table_node(session, table, ids[0][i])->frame, 0x400000 + i * 8);
        }
}

Test(stack_table, a_table_without_memory_answers_0_and_lives) {
        uint32_t spare = 0, id = 1;

        while (session_chunk_take(session) != CHUNK_NONE)
                ;
        for (uint32_t i = 0; i < 10; i++)
                id = stack_table_intern(session, table, 0, 0x5000 + i, &spare);
        cr_assert_eq(id, 0);
}
