/*
 * Preloaded into a program whose own memory shall run out: FAILING_MALLOC=N lets its N-th allocation fail, N+
 * that one and all after it, 0 none. Counted from when the program's own code begins, in all threads.
 * FAILING_MALLOC_LOG names a file that gets how many there were.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* glibc's own, which need no looking up */
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *block, size_t bytes);
void *__libc_memalign(size_t alignment, size_t bytes);

static atomic_uint_fast64_t counted;
static uint64_t from, to;
static bool running;

static bool fails(void) {
        uint64_t number;

        if (!running)
                return false;
        number = atomic_fetch_add(&counted, 1) + 1;
        if (number < from || number > to)
                return false;
        errno = ENOMEM;
        return true;
}

__attribute__((constructor)) static void begin(void) {
        const char *when = getenv("FAILING_MALLOC");
        char *end;

        if (!when)
                return;
        from = strtoull(when, &end, 10);
        to = *end == '+' ? UINT64_MAX : from;
        running = true;
}

__attribute__((destructor)) static void finish(void) {
        const char *log = getenv("FAILING_MALLOC_LOG");
        int fd = log ? open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;

        running = false;
        if (fd < 0)
                return;
        dprintf(fd, "%lu\n", (unsigned long)counted);
        close(fd);
}

void *malloc(size_t bytes) {
        return fails() ? NULL : __libc_malloc(bytes);
}

void *calloc(size_t count, size_t bytes) {
        return fails() ? NULL : __libc_calloc(count, bytes);
}

void *realloc(void *block, size_t bytes) {
        return fails() ? NULL : __libc_realloc(block, bytes);
}

void *memalign(size_t alignment, size_t bytes) {
        return fails() ? NULL : __libc_memalign(alignment, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes) {
        return memalign(alignment, bytes);
}

int posix_memalign(void **block, size_t alignment, size_t bytes) {
        void *made = memalign(alignment, bytes);

        if (made)
                *block = made;
        return made ? 0 : ENOMEM;
}
