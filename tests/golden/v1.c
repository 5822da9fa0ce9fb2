/*
 * What v1.mtr is a trace of: two threads, every kind of call, a block that stays, and a pause between two
 * phases so that the trace has several blocks. It was built without debug information, traced, and
 * deleted, so no machine can put names to its addresses:
 *
 *   cc -O1 -fno-builtin -pthread -s -o /golden/program v1.c
 *   cd /golden && MEMTRACE_OUTPUT=v1.mtr LD_PRELOAD=libmemtrace.so ./program with 'two words'
 *
 * The trace and the reports beside it are never made again: what reads them must go on doing so.
 */
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

static void *kept;

static void *work(void *argument) {
        size_t bytes = (size_t)argument;

        for (int i = 0; i < 500; i++) {
                void *block = malloc(bytes);
                void *grown = realloc(block, bytes * 3);

                free(calloc(3, bytes));
                free(grown);
        }
        return malloc(bytes * 7);
}

int main(void) {
        const struct timespec pause = { .tv_nsec = 60000000 };
        pthread_t thread;
        void *result, *aligned;

        for (int phase = 0; phase < 3; phase++) {
                if (pthread_create(&thread, NULL, work, (void *)(size_t)(100 + phase)) != 0)
                        return 1;
                free(work((void *)(size_t)(200 + phase)));
                pthread_join(thread, &result);
                free(result);
                nanosleep(&pause, NULL);
        }
        kept = malloc(100000);
        if (posix_memalign(&aligned, 64, 640) == 0)
                free(aligned);
        free(aligned_alloc(128, 1280));
        free(memalign(256, 2560));
        free(valloc(5000));
        free(pvalloc(6000));
        kept = reallocarray(kept, 1000, 50);
        return kept ? 7 : 1;
}
