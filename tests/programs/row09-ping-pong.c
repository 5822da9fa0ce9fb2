/*
 * One arena and no thread caches, so that an address that one thread frees is the next that another is given.
 * Each thread asks for a size of its own, all of one bin: a free that is paired with another thread's
 * allocation of that address shows in the bytes that are left. argv[1]: "small", or "mapped" for blocks of an
 * mmap each.
 */
#include <malloc.h>
#include <pthread.h>

#include "harness.h"
#include "threads.h"

enum { THREADS = 64, HANDS = 4, SEEN = 1 << 16 };

struct block {
        size_t bytes;
};

static pthread_barrier_t all_there;
static int rounds;
static size_t smallest;
static struct block *hands[HANDS];
static int last_owner[SEEN], went_over;

/* Who had an address last. What it tells is a count of some races, and only whether there were many is said.
 */
static int *owner_of(const void *block) {
        return &last_owner[(uintptr_t)block / 16 % SEEN];
}

static struct block *get(int self) {
        size_t bytes = smallest + (size_t)self % 16;
        struct block *block = h_malloc(bytes);
        int before = __atomic_exchange_n(owner_of(block), self, __ATOMIC_RELAXED);

        if (before && before != self)
                __atomic_fetch_add(&went_over, 1, __ATOMIC_RELAXED);
        block->bytes = bytes;
        return block;
}

static void put(struct block *block) {
        h_free(block, block->bytes);
}

static void *work(void *argument) {
        int self = (int)(intptr_t)argument + 1;

        pthread_barrier_wait(&all_there);
        for (int i = 0; i < rounds; i++) {
                struct block *first = get(self);

                if (i % 3 == 0) /* to another thread, which frees it */
                        first = __atomic_exchange_n(&hands[(i + self) % HANDS], first, __ATOMIC_ACQ_REL);
                if (i % 5 == 0) {
                        first = h_realloc(first, first->bytes, smallest + 15);
                        first->bytes = smallest + 15;
                }
                put(first);
        }
        for (int i = 0; i < 3; i++)
                get(self);
        h_thread_done();
        return NULL;
}

int main(int argc, char **argv) {
        int mapped = argc > 1 && !strcmp(argv[1], "mapped");
        rounds = mapped ? 150 : 1000;
        smallest = mapped ? 200000 : 9;
        mallopt(M_ARENA_MAX, 1);
        mallopt(M_MMAP_THRESHOLD, 128 << 10);
        for (int i = 0; i < HANDS; i++)
                hands[i] = get(1);
        pthread_barrier_init(&all_there, NULL, THREADS);
        threads_run(THREADS, work);
        for (int i = 0; i < HANDS; i++)
                put(hands[i]);
        h_say("addresses went from thread to thread: %s\n", went_over > THREADS ? "often" : "seldom");
        h_report(H_THREADS, "exited", 0);
        return went_over <= THREADS;
}
