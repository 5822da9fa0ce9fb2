/*
 * Threads that free and resize each other's blocks faster than anybody reads of it: their rings are full, and
 * each waits with its record while others go on. run.py stops the collector now and then, so that they surely
 * are.
 */
#include <pthread.h>

#include "harness.h"
#include "threads.h"

enum { THREADS = 4, ROUNDS = 20000, HANDS = 16 };

struct block {
        size_t bytes;
};

static pthread_barrier_t all_there;
static struct block *hands[HANDS];

static struct block *sized(struct block *block, size_t bytes) {
        block->bytes = bytes;
        return block;
}

static void *work(void *argument) {
        size_t self = (size_t)(intptr_t)argument;

        pthread_barrier_wait(&all_there);
        for (size_t i = 0; i < ROUNDS; i++) {
                size_t bytes = 8 + (i * 31 + self) % 400, other;
                struct block *block = sized(h_malloc(bytes), bytes);

                block = __atomic_exchange_n(&hands[(i + self) % HANDS], block, __ATOMIC_ACQ_REL);
                other = block->bytes;
                if (i % 4 == 0) /* in place or not */
                        block = sized(h_realloc(block, other, 8 + i % 900), 8 + i % 900);
                h_free(block, block->bytes);
        }
        h_thread_done();
        return NULL;
}

int main(void) {
        for (int i = 0; i < HANDS; i++)
                hands[i] = sized(h_malloc(8), 8);
        pthread_barrier_init(&all_there, NULL, THREADS);
        threads_run(THREADS, work);
        for (int i = 0; i < HANDS; i++)
                h_free(hands[i], hands[i]->bytes);
        h_report(H_THREADS, "exited", 0);
        return 0;
}
