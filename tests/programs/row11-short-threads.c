/* Many threads, one after the other and some at once: each one's few events are there. argv[1]: how many. */
#include <pthread.h>

#include "harness.h"

enum { AT_ONCE = 8 };

static void *work(void *left) {
        h_free(left, 40);
        void *block = h_malloc(30);
        h_free(h_calloc(2, 20), 40);
        h_free(block, 30);
        block = h_malloc(40);
        h_thread_done();
        return block;
}

int main(int argc, char **argv) {
        int count = argc > 1 ? atoi(argv[1]) : 800;
        void *left[AT_ONCE] = { 0 };

        for (int i = 0; i < count; i += AT_ONCE) {
                pthread_t threads[AT_ONCE];
                for (int n = 0; n < AT_ONCE; n++)
                        pthread_create(&threads[n], NULL, work, left[n]);
                for (int n = 0; n < AT_ONCE; n++)
                        pthread_join(threads[n], &left[n]);
        }
        h_report(H_THREADS, "exited", 0);
        return 0;
}
