/*
 * Reports the blocks of pools of its own (memtrace.h), and prints in each process, beside its own count, what
 * a trace must tell of each domain, to the block: "domain NAME TRACED allocations frees bytes live_bytes
 * live_blocks foreign twice". TRACED 0: nobody reported there. The pools hand a block to another thread as
 * soon as it is given back.
 *
 * With OWN_MALLOC it has an allocator of its own, which reports as well (own-malloc.c).
 *
 * Must not: print but by one write.
 */
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <memtrace/memtrace.h>

#define THREADS 4
#define ROUNDS 60000
#define SLOTS 64
#define SLOT_BYTES 256

struct tally {
        const char *name;
        unsigned domain;
        uint64_t allocations, frees, bytes, foreign, twice;
        int64_t live_bytes, live_blocks;
};

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...) {
        char line[600];
        va_list arguments;
        int length;

        va_start(arguments, format);
        length = vsnprintf(line, sizeof(line), format, arguments);
        va_end(arguments);
        (void)!write(1, line, (size_t)length);
}

static void tell(const struct tally *tally) {
        say("domain %s %d %lu %lu %lu %ld %ld %lu %lu\n", tally->name,
            tally->allocations + tally->frees + tally->foreign != 0, tally->allocations, tally->frees,
            tally->bytes, tally->live_bytes, tally->live_blocks, tally->foreign, tally->twice);
}

static void begin(struct tally *tally, const char *name) {
        *tally = (struct tally){ .name = name, .domain = memtrace_domain(name) };
}

static void took(struct tally *tally, const void *block, size_t bytes) {
        memtrace_report_alloc(tally->domain, block, bytes);
        tally->allocations++;
        tally->bytes += bytes;
        tally->live_bytes += (int64_t)bytes;
        tally->live_blocks++;
}

static void gave(struct tally *tally, const void *block, size_t bytes) {
        memtrace_report_free(tally->domain, block);
        tally->frees++;
        tally->live_bytes -= (int64_t)bytes;
        tally->live_blocks--;
}

/* Before main, and so perhaps before the library has started. */
static struct tally early;

__attribute__((constructor)) static void constructor(void) {
        begin(&early, "early");
        took(&early, &early, 1);
}

static void pools(void) {
        struct tally pool, handles;
        char *arena = malloc(SLOTS * SLOT_BYTES);

        begin(&pool, "pool");
        begin(&handles, "handles \xc3\xa9");
        for (size_t i = 0; i < SLOTS; i++)
                took(&pool, arena + i * SLOT_BYTES, i);
        for (uintptr_t i = 1; i <= 100; i++)
                took(&handles, (void *)i, (size_t)1 << i % 40); /* numbers, and no addresses */
        for (size_t i = 1; i < SLOTS; i += 2)
                gave(&pool, arena + i * SLOT_BYTES, i);
        for (uintptr_t i = 1; i <= 100; i++)
                gave(&handles, (void *)i, (size_t)1 << i % 40);
        /* In place, to another place, from nothing, and in vain. */
        memtrace_report_realloc(pool.domain, arena, arena, 1000);
        memtrace_report_realloc(pool.domain, arena, arena + SLOT_BYTES, 2000);
        memtrace_report_realloc(pool.domain, NULL, arena, 3000);
        memtrace_report_realloc(pool.domain, arena, NULL, 4000);
        pool.allocations += 3, pool.frees += 2, pool.bytes += 6000;
        pool.live_blocks += 1, pool.live_bytes += 5000;
        /* What is nothing. */
        memtrace_report_alloc(pool.domain, NULL, 1);
        memtrace_report_free(pool.domain, NULL);
        memtrace_report_alloc(0, arena, 1);
        memtrace_report_free(0, arena);
        memtrace_report_clear(0);
        /* What is wrong. */
        memtrace_report_free(handles.domain, arena);
        memtrace_report_free(handles.domain, arena);
        handles.foreign += 2;
        memtrace_report_alloc(pool.domain, arena, 5);
        pool.allocations++, pool.frees++, pool.twice++, pool.bytes += 5, pool.live_bytes += 5 - 3000;
        tell(&pool);
        tell(&handles);
        free(arena);
}

static void arenas(void) {
        struct tally arena, other;
        char *memory = malloc(1 << 20);

        begin(&arena, "arena");
        begin(&other, "other");
        took(&other, memory, 7);
        for (size_t round = 0; round < 50; round++) {
                for (size_t i = 0; i < 1000; i++)
                        took(&arena, memory + i * 16, i % 16);
                memtrace_report_clear(arena.domain);
                arena.frees += (uint64_t)arena.live_blocks;
                arena.live_blocks = arena.live_bytes = 0;
        }
        took(&arena, memory, 3);
        memtrace_report_clear(other.domain + 20);
        tell(&arena);
        tell(&other);
        free(memory);
}

/* A pool for all threads: the last block given back is the next one given. */
static struct {
        pthread_mutex_t lock;
        char memory[SLOTS][SLOT_BYTES];
        int given_back[SLOTS], count;
} shared = { .lock = PTHREAD_MUTEX_INITIALIZER };

static char *shared_take(void) {
        char *block = NULL;

        pthread_mutex_lock(&shared.lock);
        if (shared.count > 0)
                block = shared.memory[shared.given_back[--shared.count]];
        pthread_mutex_unlock(&shared.lock);
        return block;
}

static void shared_give(const char *block) {
        pthread_mutex_lock(&shared.lock);
        shared.given_back[shared.count++] = (int)((block - shared.memory[0]) / SLOT_BYTES);
        pthread_mutex_unlock(&shared.lock);
}

static void *worker(void *argument) {
        struct tally *tally = argument;
        char *held[8] = { 0 };

        begin(tally, "shared");
        for (unsigned i = 0; i < ROUNDS; i++) {
                char **slot = &held[i * 7 % 8];

                if (*slot) {
                        gave(tally, *slot, SLOT_BYTES);
                        shared_give(*slot);
                        *slot = NULL;
                } else if ((*slot = shared_take()) != NULL) {
                        took(tally, *slot, SLOT_BYTES);
                }
        }
        for (unsigned i = 0; i < 8; i++) {
                if (!held[i])
                        continue;
                gave(tally, held[i], SLOT_BYTES);
                shared_give(held[i]);
        }
        return NULL;
}

static void threads(void) {
        pthread_t ids[THREADS];
        struct tally tallies[THREADS], sum;

        begin(&sum, "shared");
        for (shared.count = 0; shared.count < THREADS * 4; shared.count++)
                shared.given_back[shared.count] = shared.count;
        for (int i = 0; i < THREADS; i++)
                pthread_create(&ids[i], NULL, worker, &tallies[i]);
        for (int i = 0; i < THREADS; i++) {
                pthread_join(ids[i], NULL);
                sum.allocations += tallies[i].allocations;
                sum.frees += tallies[i].frees;
                sum.bytes += tallies[i].bytes;
        }
        tell(&sum);
}

static struct tally handled;
static volatile sig_atomic_t handlers;

static void handler(int number) {
        (void)number;
        took(&handled, &handled, 11);
        gave(&handled, &handled, 11);
        handlers = handlers + 1;
}

static void handler_and_main(void) {
        struct itimerspec often = { .it_interval.tv_nsec = 50000, .it_value.tv_nsec = 50000 };
        struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
        struct tally pool;
        sigset_t set;
        timer_t timer;

        begin(&handled, "handled");
        begin(&pool, "pool");
        signal(SIGUSR1, handler);
        timer_create(CLOCK_MONOTONIC, &event, &timer);
        timer_settime(timer, 0, &often, NULL);
        while (handlers < 500) {
                took(&pool, &pool, 5);
                gave(&pool, &pool, 5);
        }
        sigemptyset(&set);
        sigaddset(&set, SIGUSR1);
        sigprocmask(SIG_BLOCK, &set, NULL);
        tell(&pool);
        tell(&handled);
}

/* A child goes on with its parent's numbers; its parent's blocks are unknown to it. */
static void forks(void) {
        struct tally both, own;
        pid_t child;

        begin(&both, "both");
        took(&both, &both, 1);
        child = fork();
        begin(&own, child == 0 ? "child's" : "parent's");
        if (child == 0) {
                unsigned number = both.domain;

                begin(&early, "early");
                begin(&both, "both");
                if (both.domain != number)
                        _exit(1);
                memtrace_report_free(both.domain, &both);
                both.foreign++;
        }
        took(&both, &own, 2);
        took(&own, &own, 3);
        if (child != 0) {
                int status;

                (void)waitpid(child, &status, 0);
                say("child %d\n", status);
        }
        say("pid\n");
        tell(&both);
        tell(&own);
        tell(&early);
        if (child == 0)
                _exit(0);
}

static void switched(void) {
        struct tally pool;

        begin(&pool, "pool");
        took(&pool, &pool, 1);
        took(&pool, (char *)&pool + 1, 1);
        memtrace_stop();
        memtrace_report_alloc(pool.domain, (char *)&pool + 2, 1);
        gave(&pool, &pool, 1);
        memtrace_report_realloc(pool.domain, (char *)&pool + 1, &pool, 7);
        pool.frees++, pool.live_blocks--, pool.live_bytes--;
        memtrace_start();
        memtrace_report_free(pool.domain, (char *)&pool + 2);
        pool.foreign++;
        tell(&pool);
}

/* More names than there are numbers. */
static void many(void) {
        static char names[300][300];
        static struct tally tallies[300];

        for (int i = 0; i < 300; i++) {
                memset(names[i], 'x', 250);
                (void)snprintf(names[i] + 250 - i % 240, 40, "%d", i);
                begin(&tallies[i], names[i]);
                took(&tallies[i], &tallies[i], 1);
        }
        for (int i = 0; i < 300; i++)
                if (memtrace_domain(names[i]) != tallies[i].domain)
                        _exit(1);
        for (int i = 0; i < 300; i++)
                if (i < 239)
                        tell(&tallies[i]);
        say("lost %d\n", memtrace_is_tracing() ? 300 - 239 : 0);
}

#ifdef OWN_MALLOC
void own_malloc_report(bool on);
uint64_t own_malloc_told(uint64_t *frees, uint64_t *bytes, int64_t *live_bytes);

static void tell_own(void) {
        struct tally own = { .name = "own malloc" };

        own_malloc_report(false);
        own.allocations = own_malloc_told(&own.frees, &own.bytes, &own.live_bytes);
        own.live_blocks = (int64_t)(own.allocations - own.frees);
        tell(&own);
}
#else
static void own_malloc_report(bool on) {
        (void)on;
}

static void tell_own(void) {
}
#endif

int main(int argc, char **argv) {
        const char *mode = argc > 1 ? argv[1] : "";

        own_malloc_report(true);
        if (strcmp(mode, "pools") == 0)
                pools();
        else if (strcmp(mode, "arenas") == 0)
                arenas();
        else if (strcmp(mode, "threads") == 0)
                threads();
        else if (strcmp(mode, "handler") == 0)
                handler_and_main();
        else if (strcmp(mode, "fork") == 0)
                forks();
        else if (strcmp(mode, "switched") == 0)
                switched();
        else if (strcmp(mode, "many") == 0)
                many();
        else
                return 2;
        if (strcmp(mode, "fork") != 0)
                tell(&early);
        tell_own();
        return 0;
}
