/*
 * Asks the tracer what it knows (memtrace.h), beside its own count of what it holds: every number has to be
 * the same, whatever other threads do. Prints "untraced" where nothing is known, and "asked" in the end.
 *
 * Must not: allocate while it compares, but for what it counts.
 */
#include <execinfo.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memtrace/memtrace.h>

#define THREADS 4
#define ROUNDS 200
#define BLOCKS 1000

static void fail(const char *what, size_t is, size_t should) {
        char line[200];
        int length = snprintf(line, sizeof(line), "%s: %zu, and should be %zu\n", what, is, should);

        (void)!write(2, line, (size_t)length);
        _exit(1);
}

static void expect(const char *what, size_t is, size_t should) {
        if (is != should)
                fail(what, is, should);
}

static size_t held(size_t *peak) {
        size_t current;

        if (!memtrace_get_traced_memory(&current, peak))
                fail("asked and not answered", 0, 1);
        return current;
}

static void numbers(void) {
        size_t peak, before = held(&peak), old;
        char *first = malloc(1000), *second = malloc(20000);

        expect("two blocks", held(&peak), before + 21000);
        free(second);
        memtrace_reset_peak();
        old = peak;
        expect("one block", held(&peak), before + 1000);
        expect("a peak set back", peak, before + 1000);
        second = malloc(7);
        expect("one and seven", held(&peak), before + 1007);
        free(second);
        expect("one block again", held(&peak), before + 1000);
        expect("the peak since", peak, before + 1007);
        first = realloc(first, 3000);
        expect("a larger block", held(&peak), before + 3000);
        expect("its peak", peak, before + 3000);
        if (old < before + 21000)
                fail("the peak before", old, before + 21000);
        free(first);
        expect("nothing more", held(NULL), before);
        expect("only the peak", memtrace_get_traced_memory(NULL, &peak) ? peak : 0, before + 3000);
}

static __attribute__((noinline)) void *allocate_here(void **frames, int *count) {
        void *block = malloc(123);

        *count = backtrace(frames, 64);
        return block;
}

static void tracebacks(void) {
        void *mine[64], *told[64];
        int count;
        char *block;
        size_t told_count;

        (void)backtrace(mine, 64); /* it loads a library the first time */
        block = allocate_here(mine, &count);
        told_count = memtrace_object_traceback(block, told, 64);
        expect("frames", told_count, (size_t)count);
        /* The innermost are two calls of one function. */
        for (int i = 1; i < count; i++)
                expect("a frame", (size_t)told[i], (size_t)mine[i]);
        expect("the innermost is malloc's caller", (size_t)told[0] - (size_t)allocate_here < 100, 1);
        expect("as many as there is room for", memtrace_object_traceback(block, told, 2), 2);
        expect("not its beginning", memtrace_object_traceback(block + 1, told, 64), 0);
        free(block);
        expect("a block that is gone", memtrace_object_traceback(block, told, 64), 0);
        expect("no block", memtrace_object_traceback(&count, told, 64), 0);
        expect("NULL", memtrace_object_traceback(NULL, told, 64), 0);
}

static void *worker(void *argument) {
        size_t *kept = argument;
        void *frames[8];

        for (int i = 0; i < ROUNDS; i++) {
                size_t size = 16 + (size_t)i;
                char *block = malloc(size);

                if (held(NULL) < size || memtrace_object_traceback(block, frames, 8) < 2)
                        fail("a thread's own block", 0, 1);
                if (i % 2)
                        free(block);
                else
                        *kept += size;
                memtrace_reset_peak();
        }
        return NULL;
}

static void threads(void) {
        pthread_t ids[THREADS];
        size_t kept[THREADS] = { 0 }, before, after, sum = 0;

        /* Thread stacks are allocated once, and used again. */
        for (int round = 0; round < 2; round++) {
                before = held(NULL);
                memset(kept, 0, sizeof(kept));
                for (int i = 0; i < THREADS; i++)
                        pthread_create(&ids[i], NULL, worker, &kept[i]);
                for (int i = 0; i < THREADS; i++)
                        pthread_join(ids[i], NULL);
        }
        for (int i = 0; i < THREADS; i++)
                sum += kept[i];
        after = held(NULL);
        expect("what threads kept", after, before + sum);
}

static volatile sig_atomic_t handled;

static void handler(int number) {
        (void)number;
        handled = handled + (held(NULL) != 0);
}

static void handlers(void) {
        signal(SIGUSR1, handler);
        for (int i = 0; i < 50; i++)
                raise(SIGUSR1);
        expect("handlers", (size_t)handled, 50);
}

static void clear(void) {
        void *blocks[BLOCKS], *more;
        size_t peak;

        for (int i = 0; i < BLOCKS; i++)
                blocks[i] = malloc(100);
        memtrace_clear();
        expect("nothing is known", held(&peak), 0);
        expect("no peak", peak, 0);
        expect("an old block", memtrace_object_traceback(blocks[0], &more, 1), 0);
        more = malloc(11);
        for (int i = 0; i < BLOCKS; i++)
                free(blocks[i]);
        expect("what came after", held(&peak), 11);
        expect("its peak", peak, 11);
        free(more);
}

static void children(void) {
        pid_t child = fork();
        int status;

        if (child == 0) {
                void *block = malloc(77);

                expect("a child's block", held(NULL), 77);
                free(block);
                _exit(0);
        }
        (void)waitpid(child, &status, 0);
        expect("the child", (size_t)status, 0);
}

int main(void) {
        size_t overhead;

        if (!memtrace_is_tracing()) {
                size_t current = 1, peak = 1;
                void *frame;

                if (memtrace_get_traced_memory(&current, &peak) || current || peak ||
                    memtrace_get_overhead() || memtrace_object_traceback(&peak, &frame, 1))
                        fail("untraced", 1, 0);
                memtrace_reset_peak();
                memtrace_clear();
                puts("untraced");
                return 0;
        }
        numbers();
        tracebacks();
        threads();
        handlers();
        children();
        clear();
        overhead = memtrace_get_overhead();
        if (overhead < 1 << 20 || overhead > 256 << 20)
                fail("overhead", overhead, 0);
        puts("asked");
        return 0;
}
