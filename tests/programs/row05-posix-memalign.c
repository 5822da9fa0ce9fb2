/* Row 5: a posix_memalign that fails leaves the pointer and errno alone and is no allocation. */
#include "harness.h"

static void attempt(size_t alignment, size_t bytes) {
        char mark;
        void *block = &mark;
        errno = 71;
        int code = posix_memalign(&block, alignment, bytes);
        h_say("posix_memalign %zu %zx: %d, errno %d, pointer %s\n", alignment, bytes, code, errno,
              block == &mark ? "as it was" : "set");
        if (code == 0) {
                h_took(H_POSIX_MEMALIGN, block, bytes);
                h_free(block, bytes);
        }
}

int main(void) {
        attempt(0, 32);
        attempt(3, 32);
        attempt(sizeof(void *) / 2, 32);
        attempt(sizeof(void *) * 3, 32);
        attempt(64, PTRDIFF_MAX);
        attempt(64, SIZE_MAX);
        attempt((size_t)1 << 62, 1);
        attempt(64, 0);
        attempt(64, 33);
        attempt(1 << 20, 34);
        h_report(H_ONE_THREAD, "exited", 0);
        return 0;
}
