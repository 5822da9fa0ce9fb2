/*
 * The benchmark's hot loop: malloc, calloc, realloc and free over 1024 slots, under a stack of given
 * depth. churn DEPTH PAIRS THREADS; a pair is one allocation and one free.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { SLOTS = 1024, PAIRS_A_DESCENT = 1024 };

struct worker {
        pthread_t thread;
        uint64_t random;
        long depth, pairs;
        void *slots[SLOTS];
};

static volatile long sink;

static __attribute__((noinline)) void *allocate(uint64_t random) {
        size_t bytes = 16 + random % 500;
        return random >> 20 & 7 ? malloc(bytes) : calloc(1, bytes);
}

static __attribute__((noinline)) void churn(struct worker *worker) {
        for (int i = 0; i < PAIRS_A_DESCENT && worker->pairs > 0; i++, worker->pairs--) {
                worker->random ^= worker->random << 13;
                worker->random ^= worker->random >> 7;
                worker->random ^= worker->random << 17;
                void **slot = &worker->slots[worker->random % SLOTS];
                if ((worker->random >> 30 & 15) == 0 && *slot) {
                        /* one call that is a free and an allocation */
                        void *moved = realloc(*slot, 16 + (worker->random >> 40) % 500);
                        *slot = moved ? moved : *slot;
                        continue;
                }
                free(*slot);
                *slot = allocate(worker->random);
        }
}

static __attribute__((noinline)) void descend(struct worker *worker, long depth) {
        if (depth > 0)
                descend(worker, depth - 1);
        else
                churn(worker);
        sink = depth; /* keeps the call from becoming a jump */
}

static void *work(void *argument) {
        struct worker *worker = argument;
        while (worker->pairs > 0)
                descend(worker, worker->depth);
        for (int i = 0; i < SLOTS; i++)
                free(worker->slots[i]);
        return NULL;
}

int main(int argc, char **argv) {
        if (argc != 4) {
                fprintf(stderr, "usage: churn DEPTH PAIRS THREADS\n");
                return 2;
        }
        long depth = atol(argv[1]), pairs = atol(argv[2]), threads = atol(argv[3]);
        struct worker *workers = calloc((size_t)threads, sizeof *workers);
        if (!workers)
                return 1;
        for (long i = 0; i < threads; i++) {
                workers[i].random = (uint64_t)i * 0x9e3779b97f4a7c15u + 88172645463325252u;
                /* main, work or the thread's start, churn and allocate are frames too */
                workers[i].depth = depth > 4 ? depth - 4 : 0;
                workers[i].pairs = pairs / threads;
                if (i)
                        pthread_create(&workers[i].thread, NULL, work, &workers[i]);
        }
        work(&workers[0]);
        for (long i = 1; i < threads; i++)
                pthread_join(workers[i].thread, NULL);
        free(workers);
        return 0;
}
