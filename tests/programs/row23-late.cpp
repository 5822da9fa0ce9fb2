// Row 23: atexit handlers, static destructors and another library's destructor that allocate and free,
// some of them after the tracer's own turn at exit. The last of them reports.

#include "harness.h"

extern "C" {
extern void *early_blocks[4] __attribute__((weak));
extern void (*early_last)() __attribute__((weak));
}

static void *kept;

static void some_work(size_t bytes) {
        void *block = h_malloc(bytes);
        h_free(h_calloc(2, bytes), 2 * bytes);
        h_free(kept, 91);
        kept = h_malloc(91);
        h_free(block, bytes);
}

static void report() {
        some_work(1000);
        h_report(H_ONE_THREAD, "exited", 9);
}

struct Static {
        ~Static() {
                some_work(2000);
                if (!&early_last)
                        report();
        }
};

static Static object;

static void at_exit() {
        some_work(3000);
}

int main() {
        if (&early_last) {
                early_last = report;
                h_took(H_CALLOC, early_blocks[0], 33);
                h_took(H_MALLOC, early_blocks[1], 44);
                h_took(H_MALLOC, &kept, 5);
                h_moved(H_REALLOC, &kept, 5, early_blocks[2], 55);
                h_took(H_POSIX_MEMALIGN, early_blocks[3], 66);
        }
        atexit(at_exit);
        some_work(4000);
        return 9;
}
