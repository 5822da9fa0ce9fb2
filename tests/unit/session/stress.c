/*
 * What two sides of a session do to each other at once, without a test framework around it, so that the
 * thread sanitizer, helgrind and drd can watch: a ring written and read, a stack table and the chunks raced
 * for. argv[1]: how much less of it, for those who watch slowly.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/process.h"
#include "session/ring.h"

enum { THREADS = 4, PATHS = 20000, TAKES = 300, OPENINGS = 800, FIRST_OPENED = 100 };

static uint64_t less = 1;
static struct session *session;
static struct process *process;
static pthread_barrier_t all_there;

static void need(bool holds, const char *what) {
        if (holds)
                return;
        fprintf(stderr, "%s\n", what);
        exit(1);
}

/* Each word names a stack node that was made just before: the reader must find it filled. */
static void *produce(void *argument) {
        struct ring *ring = argument;
        uint32_t spare = 0;

        for (uint64_t i = 0; i < 3 * RING_WORDS / less; i++) {
                uint32_t id = stack_table_intern(session, &process->stacks, 0, 0x1000 + i, &spare);

                while (ring->head + 1 > atomic_load_explicit(&ring->tail, memory_order_acquire) + RING_WORDS)
                        sched_yield();
                ring_put(ring, ring_reserve(ring, 1), id);
        }
        return NULL;
}

static void ring_race(void) {
        struct ring *ring = session_chunk(session, session_chunk_take(session));
        pthread_t producer;
        uint64_t word;

        need(pthread_create(&producer, NULL, produce, ring) == 0, "a thread");
        for (uint64_t i = 0; i < 3 * RING_WORDS / less; i++) {
                while (!ring_get(ring, i, &word))
                        sched_yield();
                need(stack_table_node(session, &process->stacks, (uint32_t)word)->frame == 0x1000 + i,
                     "a node read before it was filled");
                atomic_store_explicit(&ring->tail, i + 1, memory_order_release);
        }
        pthread_join(producer, NULL);
}

static void *intern(void *argument) {
        uint32_t *ids = argument, spare = 0;

        for (uint32_t i = 0; i < PATHS / less; i++) {
                uint32_t parent = i ? ids[(i - 1) / 2] : 0;

                ids[i] = stack_table_intern(session, &process->stacks, parent, 0x900000 + i, &spare);
                need(stack_table_node(session, &process->stacks, ids[i])->parent == parent,
                     "a node of another path");
        }
        return NULL;
}

/* Whoever adds the first nodes of a chunk opens it: all at once. */
static void *open_chunks(void *argument) {
        uint32_t spare = 0;

        for (uint32_t i = 1; i <= OPENINGS; i++) {
                pthread_barrier_wait(&all_there);
                process->stacks.node_count = (FIRST_OPENED + i) * STACK_NODES_PER_CHUNK;
                pthread_barrier_wait(&all_there);
                (void)stack_table_intern(session, &process->stacks, 0, (uint64_t)(uintptr_t)argument + i,
                                         &spare);
        }
        return NULL;
}

static void *take_and_give(void *unused) {
        for (uint64_t i = 0; i < TAKES / less; i++) {
                uint32_t chunk = session_chunk_take(session);
                uint64_t *memory;

                need(chunk != CHUNK_NONE, "a chunk");
                memory = session_chunk(session, chunk);
                need(memory[0] == 0 && memory[CHUNK_BYTES / 16] == 0, "a chunk that is not zeroed");
                memory[0] = memory[CHUNK_BYTES / 16] = i + 1;
                session_chunk_give(session, chunk);
        }
        return unused;
}

static uint32_t chunks_taken(void) {
        uint32_t count = 0;

        for (uint32_t i = 0; i < CHUNK_COUNT_MAX / 64; i++)
                count += (uint32_t)__builtin_popcountll(session->chunk_taken[i]);
        return count;
}

static uint32_t chunks_of_nodes(void) {
        uint32_t count = 0;

        for (uint32_t i = 0; i < STACK_NODE_CHUNKS; i++)
                count += process->stacks.node_chunks[i] != CHUNK_NONE;
        return count;
}

int main(int argc, char **argv) {
        static uint32_t ids[THREADS][PATHS];
        struct options options = { .depth = 1 };
        pthread_t interning[THREADS], taking[THREADS];

        less = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
        session = session_new(&options);
        need(session, "a session");
        process = session_chunk(session, session_chunk_take(session));
        ring_race();
        for (int i = 0; i < THREADS; i++) {
                need(pthread_create(&interning[i], NULL, intern, ids[i]) == 0, "a thread");
                need(pthread_create(&taking[i], NULL, take_and_give, NULL) == 0, "a thread");
        }
        for (int i = 0; i < THREADS; i++) {
                pthread_join(interning[i], NULL);
                pthread_join(taking[i], NULL);
        }
        for (int i = 1; i < THREADS; i++)
                need(memcmp(ids[i], ids[0], sizeof(ids[0])) == 0, "threads that disagree on an id");
        pthread_barrier_init(&all_there, NULL, THREADS);
        for (int i = 0; i < THREADS; i++)
                need(pthread_create(&interning[i], NULL, open_chunks, ids[i]) == 0, "a thread");
        for (int i = 0; i < THREADS; i++)
                pthread_join(interning[i], NULL);
        need(chunks_taken() == 3 + chunks_of_nodes(),
             "a chunk that is neither the session's, the process's, the ring's nor of nodes");
        return 0;
}
