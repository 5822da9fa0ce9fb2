/*
 * Row 12: allocations in the destructors of thread-local objects and of pthread keys, through all four rounds
 * that glibc makes, after whatever the tracer might have had cleaned up. argv[1]: how many threads.
 */
#include <pthread.h>

#include "harness.h"

enum { KEYS = 3, ROUNDS = 4 /* PTHREAD_DESTRUCTOR_ITERATIONS */ };

struct slot {
        void *block; /* from before the destructors */
        int rounds;
};

extern void *__dso_handle;
int __cxa_thread_atexit_impl(void (*destructor)(void *), void *object, void *dso);

static pthread_key_t keys[KEYS];
static __thread struct slot slots[KEYS];
static __thread int ended;

static void work(size_t bytes) {
        void *block = h_malloc(bytes);
        block = h_realloc(block, bytes, bytes * 2);
        h_free(block, bytes * 2);
}

static void at_key(void *value) {
        struct slot *slot = value;

        work(16);
        if (slot->block)
                h_free(slot->block, 33);
        slot->block = h_malloc(33);
        if (++slot->rounds < ROUNDS) {
                pthread_setspecific(keys[slot - slots], slot);
        } else {
                h_free(slot->block, 33);
                if (++ended == KEYS)
                        h_thread_done(); /* nothing of ours runs in this thread after it */
        }
}

static void at_object(void *block) {
        work(64);
        if (block)
                h_free(block, 70);
}

/* `quiet`: the thread's first event is in a destructor. */
static void *run(void *quiet) {
        for (int key = 0; key < KEYS; key++) {
                slots[key].block = quiet ? NULL : h_malloc(33);
                pthread_setspecific(keys[key], &slots[key]);
        }
        __cxa_thread_atexit_impl(at_object, quiet ? NULL : h_malloc(70), &__dso_handle);
        return NULL;
}

int main(int argc, char **argv) {
        int threads = argc > 1 ? atoi(argv[1]) : 200;

        for (int key = 0; key < KEYS; key++)
                pthread_key_create(&keys[key], at_key);
        for (int i = 0; i < threads; i += 4) {
                pthread_t several[4];
                for (int k = 0; k < 4; k++)
                        pthread_create(&several[k], NULL, run, k & 1 ? keys : NULL);
                for (int k = 0; k < 4; k++)
                        pthread_join(several[k], NULL);
        }
        h_report(H_THREADS, "exited", 0);
        return 0;
}
