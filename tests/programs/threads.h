/* So many threads at once, each with its number from 0, and the wait for their end. */
#ifndef THREADS_H
#define THREADS_H

#include <pthread.h>
#include <stdint.h>

enum { THREADS_MAX = 64 };

static inline void threads_run(int count, void *(*work)(void *number)) {
        pthread_t threads[THREADS_MAX];

        for (intptr_t i = 0; i < count; i++)
                pthread_create(&threads[i], NULL, work, (void *)i);
        for (int i = 0; i < count; i++)
                pthread_join(threads[i], NULL);
}

#endif
