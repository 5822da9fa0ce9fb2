/* The program's side: see stress.h. Its allocator is one of numbers; nothing is ever at these addresses. */
#include "stress.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "tracer/emit.h"

#define SLOTS 64u
#define BLOCKS 256u
#define A UINT64_C(0x555500001000)

/* What emit.c is linked with in the tracer. */
struct tracer tracer;
_Atomic uint32_t gate_page[1]; /* never paused */

void tracer_obey(void) {
}

void tracer_give_up(void) {
        abort();
}

void tracer_say_once(const char *part, const char *more) {
        abort();
}

uint64_t thread_time_without_clock(void) {
        abort();
}

struct worker {
        pthread_t self;
        struct thread *thread;
        uint32_t number;
        uint64_t rounds, allocations, frees;
};

static uint64_t slots[SLOTS];
/* An allocator that gives back the address freed last, to whoever asks: the worst for pairing. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t pool[BLOCKS];
static uint32_t pool_count;
static _Atomic uint32_t working = STRESS_THREADS;
static struct worker workers[STRESS_THREADS];

static uint64_t pool_take(void) {
        pthread_mutex_lock(&lock);
        uint64_t address = pool[--pool_count];
        pthread_mutex_unlock(&lock);
        return address;
}

static void pool_give(uint64_t address) {
        pthread_mutex_lock(&lock);
        pool[pool_count++] = address;
        pthread_mutex_unlock(&lock);
}

static uint64_t slot_exchange(uint64_t *slot, uint64_t address) {
        pthread_mutex_lock(&lock);
        uint64_t before = *slot;
        *slot = address;
        pthread_mutex_unlock(&lock);
        return before;
}

static void release(struct worker *worker, uint64_t address) {
        if (address == 0)
                return;
        emit_address(worker->thread, record_first(RECORD_FREE, 0, 0), address);
        worker->frees++;
        pool_give(address);
}

static uint64_t allocate(struct worker *worker, enum record_op op, uint32_t stack) {
        uint64_t address = pool_take();

        emit_block(worker->thread, record_first(op, MTR_KIND_MALLOC, 0), address, 16 + worker->number, stack);
        worker->allocations++;
        return address;
}

/* As realloc: the old address may be another thread's before the new one is known. */
static uint64_t move(struct worker *worker, uint64_t address, bool fails, uint32_t stack) {
        emit_address(worker->thread, record_first(RECORD_REALLOC_BEGIN, 0, 0), address);
        if (fails) {
                emit_address(worker->thread, record_first(RECORD_REALLOC_FAILED, 0, 0), address);
                return address;
        }
        pool_give(address);
        worker->frees++;
        return allocate(worker, RECORD_REALLOC_DONE, stack);
}

static void *work(void *argument) {
        struct worker *worker = argument;
        uint64_t random = worker->number * 0x9e3779b97f4a7c15u + 1;
        uint32_t spare = 0;

        emit_thread(worker->thread, 1000 + worker->number);
        for (uint64_t i = 0; i < worker->rounds; i++) {
                uint64_t *slot, held;
                uint32_t stack;

                /* Valgrind runs one thread at a time, and for long. */
                if (i % 8 == 0)
                        sched_yield();
                random ^= random << 13, random ^= random >> 7, random ^= random << 17;
                slot = &slots[random % SLOTS];
                stack = stack_table_intern(tracer.session, &tracer.process->stacks, 0, 0x1000 + random % 4096,
                                           &spare);
                if (random >> 32 & 1) {
                        release(worker, slot_exchange(slot, 0));
                        continue;
                }
                held = slot_exchange(slot, 0);
                held = held == 0 ? allocate(worker, RECORD_ALLOC, stack)
                                 : move(worker, held, random >> 33 & 1, stack);
                release(worker, slot_exchange(slot, held));
        }
        atomic_fetch_sub(&working, 1);
        return NULL;
}

void stress_start(struct session *session, struct process *process, struct ring *const rings[],
                  uint64_t rounds) {
        tracer = (struct tracer){
                .session = session,
                .process = process,
        };
        session->clock = SESSION_CLOCK_MONOTONIC;
        for (; pool_count < BLOCKS; pool_count++)
                pool[pool_count] = A + pool_count * 16;
        for (uint32_t i = 0; i < STRESS_THREADS; i++) {
                workers[i] =
                        (struct worker){ .thread = (struct thread *)rings[i], .number = i, .rounds = rounds };
                workers[i].thread->timed = true;
                if (pthread_create(&workers[i].self, NULL, work, &workers[i]) != 0)
                        abort();
        }
}

bool stress_is_over(void) {
        return atomic_load(&working) == 0;
}

struct stress_counts stress_join(void) {
        struct stress_counts counts = { 0 };

        for (uint32_t i = 0; i < STRESS_THREADS; i++) {
                pthread_join(workers[i].self, NULL);
                counts.allocations += workers[i].allocations;
                counts.frees += workers[i].frees;
        }
        return counts;
}
