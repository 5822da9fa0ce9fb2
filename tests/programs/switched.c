/*
 * Switches tracing off and on (memtrace.h), in one thread or while others allocate, and asks what is held
 * beside its own count. In the end it prints how many allocations of 4321 bytes and how many frees of blocks
 * that were not traced it made: see switched.sh.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memtrace/memtrace.h>

#define SIZE 4321
#define BLOCKS 10

static size_t before, allocated, foreign;

static void fail(const char *what, size_t is, size_t should) {
        char line[200];
        int length = snprintf(line, sizeof(line), "%s: %zu, and should be %zu\n", what, is, should);

        (void)!write(2, line, (size_t)length);
        _exit(1);
}

static void expect_blocks(const char *what, size_t blocks) {
        size_t current;

        if (!memtrace_get_traced_memory(&current, NULL))
                fail("asked and not answered", 0, 1);
        if (current != before + blocks * SIZE)
                fail(what, current - before, blocks * SIZE);
}

static void take(void **blocks) {
        for (int i = 0; i < BLOCKS; i++) {
                blocks[i] = malloc(SIZE);
                allocated += memtrace_is_tracing();
        }
}

static void give(void **blocks, int count) {
        for (int i = 0; i < count; i++)
                free(blocks[i]);
}

static void one_thread(void) {
        void *traced[BLOCKS], *untraced[BLOCKS], *moved;
        const int begun = memtrace_is_tracing();

        memtrace_stop();
        take(untraced);
        give(untraced, BLOCKS / 2); /* not even counted, if the program began like that */
        foreign += begun ? BLOCKS : BLOCKS - BLOCKS / 2;
        memtrace_start();
        expect_blocks("nothing", 0);
        give(untraced + BLOCKS / 2, BLOCKS - BLOCKS / 2);
        take(traced);
        expect_blocks("ten", BLOCKS);
        memtrace_stop();
        take(untraced);
        expect_blocks("ten and unknown ones", BLOCKS);
        give(traced, BLOCKS / 2);
        expect_blocks("five", BLOCKS - BLOCKS / 2);
        /* A block that moves or grows while nobody looks is released, and one that cannot lives on. */
        traced[5] = realloc(traced[5], 2 * SIZE);
        expect_blocks("four", BLOCKS - BLOCKS / 2 - 1);
        moved = realloc(traced[6], (size_t)1 << 62);
        expect_blocks("four still", BLOCKS - BLOCKS / 2 - 1);
        traced[7] = reallocarray(traced[7], 2, SIZE);
        expect_blocks("three", BLOCKS - BLOCKS / 2 - 2);
        untraced[0] = realloc(untraced[0], 3 * SIZE);
        untraced[1] = realloc(NULL, 5);
        foreign += 1; /* untraced[0]'s old block */
        memtrace_start();
        expect_blocks("three again", BLOCKS - BLOCKS / 2 - 2);
        give(untraced, BLOCKS);
        give(traced + BLOCKS / 2, BLOCKS - BLOCKS / 2);
        foreign += BLOCKS + 2;
        free(moved);
        expect_blocks("nothing any more", 0);
}

static atomic_int stop, rounds;

static void *busy(void *unused) {
        (void)unused;
        while (!stop) {
                void *blocks[BLOCKS];

                for (int i = 0; i < BLOCKS; i++)
                        blocks[i] = malloc(16);
                blocks[0] = realloc(blocks[0], 100);
                give(blocks, BLOCKS);
                rounds++;
        }
        return NULL;
}

/* However the switch falls among their calls, what they have released is not held in the end. */
static void many_threads(int switches) {
        pthread_t threads[3];

        stop = rounds = 0;
        for (int i = 0; i < 3; i++)
                pthread_create(&threads[i], NULL, busy, NULL);
        for (int i = 0; i < switches; i++) {
                const int seen = rounds;

                memtrace_stop();
                while (rounds < seen + 3)
                        ;
                memtrace_start();
                while (rounds < seen + 6)
                        ;
        }
        stop = 1;
        for (int i = 0; i < 3; i++)
                pthread_join(threads[i], NULL);
}

static void child(void) {
        pid_t pid;
        int status;

        memtrace_stop();
        pid = fork();
        if (pid == 0) {
                if (memtrace_is_tracing())
                        fail("a child of a stopped process is traced", 1, 0);
                memtrace_start();
                before = 0;
                expect_blocks("a child's", 0);
                free(malloc(SIZE));
                _exit(!memtrace_is_tracing());
        }
        (void)waitpid(pid, &status, 0);
        if (status != 0)
                fail("a child", (size_t)status, 0);
        memtrace_start();
}

int main(int argc, char **argv) {
        (void)memtrace_get_traced_memory(&before, NULL);
        one_thread();
        if (argc > 1 && strcmp(argv[1], "threads") == 0) {
                many_threads(0); /* their stacks are kept for the next */
                (void)memtrace_get_traced_memory(&before, NULL);
                many_threads(300);
                expect_blocks("all that threads have released", 0);
        } else {
                child();
        }
        printf("%zu %zu\n", allocated, foreign);
        return 0;
}
