/*
 * A program that dies, or whose collector does, at any moment: doomed DIARY THREADS EVENTS PACE. Each of its
 * threads does EVENTS allocations and frees, and writes down behind each one, in the shared mapping DIARY,
 * that it is done and when. What stands there outlives any death. A thread sleeps a millisecond after each
 * PACE events, 0: never.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

#include "harness.h"

enum { SLOTS = 64, THREADS_MAX = 16 };

/* As doomed.py reads it, one after the other, each with room for EVENTS times. */
struct page {
        uint64_t tid;
        uint64_t done;
        uint64_t time_ns[]; /* CLOCK_MONOTONIC right behind each event */
};

struct work {
        pthread_t thread;
        struct page *page;
        size_t events, pace;
};

static uint64_t now_ns(void) {
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void *work(void *argument) {
        static const struct timespec pause = { .tv_nsec = 1000000 };
        const struct work *work = argument;
        struct page *page = work->page;
        void *slots[SLOTS] = { 0 };

        page->tid = (uint64_t)syscall(SYS_gettid);
        for (size_t i = 0; i < work->events; i++) {
                void **slot = &slots[i * 37 % SLOTS];

                if (*slot) {
                        free(*slot);
                        *slot = NULL;
                } else {
                        *slot = malloc(1 + i % 300);
                }
                page->time_ns[i] = now_ns();
                __atomic_store_n(&page->done, i + 1, __ATOMIC_RELEASE);
                if (work->pace != 0 && (i + 1) % work->pace == 0)
                        nanosleep(&pause, NULL);
        }
        return NULL;
}

int main(int argc, char **argv) {
        static struct work works[THREADS_MAX];
        size_t threads, events, bytes;
        char *diary;
        int fd;

        if (argc != 5)
                return 98;
        threads = strtoul(argv[2], NULL, 10);
        events = strtoul(argv[3], NULL, 10);
        bytes = sizeof(struct page) + events * sizeof(uint64_t);
        fd = open(argv[1], O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (threads > THREADS_MAX || fd < 0 || ftruncate(fd, (off_t)(threads * bytes)) < 0)
                return 98;
        diary = mmap(NULL, threads * bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        close(fd);
        if (diary == MAP_FAILED)
                return 98;
        for (size_t i = 0; i < threads; i++) {
                works[i].page = (struct page *)(diary + i * bytes);
                works[i].events = events;
                works[i].pace = strtoul(argv[4], NULL, 10);
                if (pthread_create(&works[i].thread, NULL, work, &works[i]) != 0)
                        return 98;
        }
        for (size_t i = 0; i < threads; i++)
                pthread_join(works[i].thread, NULL);
        h_say("each of %zu threads did %zu\n", threads, events);
        return 5;
}
