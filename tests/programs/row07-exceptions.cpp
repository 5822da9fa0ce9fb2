// Row 7: exceptions thrown through frames that allocate, in several threads, as often as argv[1] says
// (ten million on demand). A wrong unwinder in the program's scope ends this at once.

#include <pthread.h>
#include <stdexcept>

#include "harness.h"

// What __cxa_allocate_exception puts before the thrown object.
static const size_t header_bytes = 128;

struct Thrown {
        int value;
        char padding[44];
};

struct Holder {
        void *block;
        explicit Holder(size_t bytes) : block(h_malloc(bytes)), bytes(bytes) {
        }
        ~Holder() {
                h_free(block, bytes);
        }

      private:
        size_t bytes;
};

static __attribute__((noinline)) void descend(int depth, int value) {
        Holder holder(size_t(16 + depth));
        if (depth == 0) {
                void *mark = nullptr;
                h_took(H_MALLOC, &mark, sizeof(Thrown) + header_bytes);
                throw Thrown{ value, {} };
        }
        descend(depth - 1, value);
}

static long rounds;

static void *work(void *wrong) {
        for (long i = 0; i < rounds; i++) {
                try {
                        descend(6, int(i));
                } catch (const Thrown &thrown) {
                        if (thrown.value != int(i))
                                __atomic_fetch_add((long *)wrong, 1, __ATOMIC_RELAXED);
                }
                // freed at the end of the handler above
                h_gave(wrong, sizeof(Thrown) + header_bytes);
        }
        h_thread_done();
        return nullptr;
}

int main(int argc, char **argv) {
        pthread_t threads[3];
        long wrong = 0;

        rounds = argc > 1 ? atol(argv[1]) : 2000;
        for (pthread_t &thread : threads)
                pthread_create(&thread, nullptr, work, &wrong);
        work(&wrong);
        for (pthread_t thread : threads)
                pthread_join(thread, nullptr);
        h_say("%ld thrown, %ld caught wrongly\n", 4 * rounds, wrong);
        h_report(H_THREADS, "exited", 0);
        return 0;
}
