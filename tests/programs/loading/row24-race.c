/*
 * Row 24: libraries loaded and unloaded by some threads, two in turn at one address, while others allocate
 * and make threads. Each library allocates a size of its own, in its constructor and when asked: prints how
 * often.
 */
#include <dlfcn.h>
#include <pthread.h>

#include "../harness.h"

enum { LOADERS = 2, TURNS = 200, ROUNDS = 200, THREADS = 300, LIBRARY_BYTES = 1000 };

static char **libraries; /* two for each loader */

static void *load(void *argument) {
        size_t mine = (size_t)argument * 2;

        for (int turn = 0; turn < TURNS; turn++) {
                size_t number = mine + (size_t)turn % 2, bytes = LIBRARY_BYTES + number;
                void *library = dlopen(libraries[number], turn % 3 ? RTLD_NOW : RTLD_LAZY), *block;
                void *(*take)(void);

                if (!library)
                        _exit(98);
                h_took(H_MALLOC, &block, bytes); /* the constructor's, which the destructor frees */
                take = (void *(*)(void))dlsym(library, "take");
                block = take();
                h_took(H_MALLOC, block, bytes);
                h_free(block, bytes);
                if (dlclose(library))
                        _exit(97);
                h_gave(&block, bytes);
        }
        h_thread_done();
        return NULL;
}

static void *one_block(void *unused) {
        h_free(h_malloc(333), 333);
        h_thread_done();
        return unused;
}

static void *allocate(void *unused) {
        for (int round = 0; round < ROUNDS; round++)
                for (size_t bytes = 1; bytes < 500; bytes++)
                        h_free(h_malloc(bytes), bytes);
        h_thread_done();
        return unused;
}

static void *make_threads(void *unused) {
        pthread_t thread;

        for (int i = 0; i < THREADS; i++) {
                pthread_create(&thread, NULL, one_block, NULL);
                pthread_join(thread, NULL);
        }
        return unused;
}

int main(int argc, char **argv) {
        pthread_t threads[LOADERS + 2];

        if (argc != 1 + 2 * LOADERS)
                return 2;
        libraries = argv + 1;
        for (size_t i = 0; i < LOADERS; i++)
                pthread_create(&threads[i], NULL, load, (void *)i);
        pthread_create(&threads[LOADERS], NULL, allocate, NULL);
        pthread_create(&threads[LOADERS + 1], NULL, make_threads, NULL);
        for (size_t i = 0; i < LOADERS + 2; i++)
                pthread_join(threads[i], NULL);
        h_report(H_THREADS, "exited", 0);
        for (int i = 0; i < 2 * LOADERS; i++)
                h_say("heap in:%s %d %d\n", strrchr(libraries[i], '/') + 1, TURNS,
                      TURNS * (LIBRARY_BYTES + i));
        return 0;
}
