/*
 * Threads that each know what they did: allocations of every common kind, reallocs that move, and
 * blocks handed to whichever thread takes them next, which frees them. argv[1]: threads.
 */
#include <pthread.h>

#include "harness.h"

#include "block.h"

enum { ROUNDS = 1500, SLOTS = 32, MAILBOXES = 64 };

static struct block *mailboxes[MAILBOXES];

static void *work(void *seed) {
        uint64_t random = *(uint64_t *)seed * 0x9e3779b97f4a7c15u + 1;
        struct block *slots[SLOTS] = { 0 };

        for (int round = 0; round < ROUNDS; round++) {
                random ^= random << 13, random ^= random >> 7, random ^= random << 17;
                struct block **slot = &slots[random % SLOTS];
                size_t bytes = 8 + (random >> 8) % (random % 61 ? 300 : 300000);
                drop(*slot);
                *slot = sized(round % 3 ? h_malloc(bytes) : h_calloc(1, bytes), bytes);
                if (round % 5 == 0)
                        *slot = sized(h_realloc(*slot, bytes, bytes * 2), bytes * 2);
                if (round % 4 == 0)
                        *slot = __atomic_exchange_n(&mailboxes[(random >> 40) % MAILBOXES], *slot,
                                                    __ATOMIC_ACQ_REL);
        }
        for (int i = 0; i < SLOTS; i++)
                drop(slots[i]);
        for (size_t i = 1; i <= 5; i++)
                h_malloc(i * 1000); /* stay */
        h_thread_done();
        return NULL;
}

int main(int argc, char **argv) {
        int count = argc > 1 ? atoi(argv[1]) : 1;
        pthread_t threads[64];
        uint64_t seeds[64];

        for (int i = 0; i < count; i++) {
                seeds[i] = (uint64_t)i + 1;
                if (i)
                        pthread_create(&threads[i], NULL, work, &seeds[i]);
        }
        work(&seeds[0]);
        for (int i = 1; i < count; i++)
                pthread_join(threads[i], NULL);
        for (int i = 0; i < MAILBOXES; i++)
                drop(mailboxes[i]);
        h_report(count == 1 ? H_ONE_THREAD : H_THREADS, "exited", 0);
        return 0;
}
