/*
 * Rows 26 and 27: what allocators other than glibc's can do too, in a process, its fork child and two
 * threads, and what other preloads change: owners, the time, syncs. Built more than once: with allocators and
 * sanitizers inside.
 */
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "../harness.h"

#ifndef OTHER_THREADS
#define OTHER_THREADS 0 /* a sanitizer's own */
#endif

static char *volatile kept[1000];
static int kept_count;

static void work(size_t bytes) {
        void *blocks[5];
        char *text;

        blocks[0] = h_malloc(bytes);
        blocks[1] = h_calloc(3, bytes);
        blocks[2] = h_realloc(h_malloc(7), 7, bytes + 100);
        blocks[3] = NULL;
        if (posix_memalign(&blocks[3], 64, bytes + 200))
                _exit(98);
        h_took(H_POSIX_MEMALIGN, blocks[3], bytes + 200);
        blocks[4] = aligned_alloc(32, 320);
        h_took(H_ALIGNED_ALLOC, blocks[4], 320);
        if (malloc_usable_size(blocks[0]) < bytes || (uintptr_t)blocks[3] % 64 || (uintptr_t)blocks[4] % 32)
                _exit(97);
        memset(blocks[0], 1, bytes);
        h_free(blocks[0], bytes);
        h_free(blocks[1], 3 * bytes);
        h_free(h_realloc(blocks[2], bytes + 100, 100000), 100000);
        h_free(blocks[3], bytes + 200);
        h_free(blocks[4], 320);
        text = h_malloc(11); /* stays, and is no leak */
        memcpy(text, "ten letters", 11);
        kept[__atomic_fetch_add(&kept_count, 1, __ATOMIC_RELAXED)] = text;
}

static void *in_a_thread(void *unused) {
        for (size_t bytes = 1; bytes < 2000; bytes += 7)
                work(bytes);
        h_thread_done();
        return unused;
}

/* Whether the neighbour is there at all. */
static int is_mapped(const char *name) {
        static char maps[1 << 16];
        int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
        size_t used = 0;
        ssize_t bytes;

        while (used < sizeof maps - 1 && (bytes = read(fd, maps + used, sizeof maps - 1 - used)) > 0)
                used += (size_t)bytes;
        close(fd);
        return strstr(maps, name) != NULL;
}

static void files(void) {
        struct stat status = { 0 };
        struct timespec now;
        int fd = open("file", O_CREAT | O_RDWR | O_CLOEXEC, 0600);

        h_say("fsync %d\n", fsync(fd));
        (void)fchown(fd, geteuid(), getegid());
        fstat(fd, &status);
        clock_gettime(CLOCK_REALTIME, &now);
        h_say("owner %u, decade %d\n", (unsigned)status.st_uid, (int)(now.tv_sec / 315576000));
        close(fd);
        unlink("file");
}

/* The first letter of a variable's value. */
static char exchange(const char *name, char letter) {
        char *value = getenv(name), before = value ? *value : '\0';

        if (value)
                *value = letter;
        return before;
}

int main(int argc, char **argv) {
        /* They name each run's own things. What is named in the second must be found at the end. */
        static const char *const names[2] = { "FAKEROOTKEY", "FAKETIME_SHARED" };
        char first[2];
        void *inherited = h_malloc(55);
        pthread_t threads[2];
        pid_t child;

        if (argc > 1 && !is_mapped(argv[1]))
                return 96;
        work(10);
        child = fork();
        if (child == 0) {
                h_forked();
                h_free_foreign(inherited);
                work(1000);
                h_report(H_ONE_THREAD | H_NO_STATE, "exited", 3);
                _exit(3);
        }
        int status = 0;
        waitpid(child, &status, 0);
        h_say("child %d\n", WEXITSTATUS(status));
        files();
        for (int i = 0; i < 2; i++)
                pthread_create(&threads[i], NULL, in_a_thread, NULL);
        for (int i = 0; i < 2; i++)
                pthread_join(threads[i], NULL);
        h_free(inherited, 55);
        for (int i = 0; i < 2; i++)
                first[i] = exchange(names[i], '\0');
        h_report(H_THREADS | H_STAY(OTHER_THREADS), "exited", 0);
        for (int i = 0; i < 2; i++)
                exchange(names[i], first[i]);
        return 0;
}
