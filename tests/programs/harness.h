/*
 * Counts what a test program does with the heap, and prints it so that a script can hold the
 * trace against it. Included by every program here; compiles as C and as C++.
 *
 * A program calls the real functions through the h_* wrappers below (or calls them itself and
 * says so with h_took and h_gave), and ends each of its processes with h_report, which writes
 * one block of lines beginning with "heap ". tests/programs/run.py knows what they mean.
 *
 * Must not: allocate, use stdio, or touch errno, so that everything the trace shows under the
 * program's own frames is what the program counted. What libc allocates for itself (a thread's
 * control block, say) stands under libc's frames and is told apart by that.
 */
#ifndef HARNESS_H
#define HARNESS_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "state.h"

/* In the order of the trace format's kinds; the names are the functions' own. */
enum h_kind {
        H_MALLOC,
        H_CALLOC,
        H_REALLOC,
        H_REALLOCARRAY,
        H_ALIGNED_ALLOC,
        H_MEMALIGN,
        H_POSIX_MEMALIGN,
        H_VALLOC,
        H_PVALLOC,
        H_KINDS
};

struct h_tally {
        uint64_t calls[H_KINDS]; /* that returned a block */
        uint64_t bytes[H_KINDS]; /* asked for by these */
        uint64_t frees;          /* of blocks counted above, realloc's release among them */
        uint64_t foreign;        /* frees of blocks the trace cannot know */
        uint64_t temporary;      /* frees of what this thread allocated last */
        int64_t live_blocks;
        int64_t live_bytes;
        int64_t peak_bytes; /* means something while one thread allocates */
        const void *last;
};

/* Each thread counts for itself and adds to the total when it ends. */
static struct h_tally h_total;
static __thread struct h_tally h_mine;

static inline void h_took(enum h_kind kind, const void *block, size_t bytes) {
        if (!block)
                return;
        h_mine.calls[kind]++;
        h_mine.bytes[kind] += bytes;
        h_mine.live_blocks++;
        h_mine.live_bytes += (int64_t)bytes;
        if (h_mine.live_bytes > h_mine.peak_bytes)
                h_mine.peak_bytes = h_mine.live_bytes;
        h_mine.last = block;
}

static inline void h_gave(const void *block, size_t bytes) {
        if (!block)
                return;
        h_mine.frees++;
        h_mine.temporary += block == h_mine.last;
        if (block == h_mine.last)
                h_mine.last = NULL;
        h_mine.live_blocks--;
        h_mine.live_bytes -= (int64_t)bytes;
}

static inline void *h_malloc(size_t bytes) {
        void *block = malloc(bytes);
        h_took(H_MALLOC, block, bytes);
        return block;
}

static inline void *h_calloc(size_t count, size_t bytes) {
        void *block = calloc(count, bytes);
        h_took(H_CALLOC, block, count * bytes);
        return block;
}

static inline void h_free(void *block, size_t bytes) {
        h_gave(block, bytes);
        free(block);
}

/* Frees what an ancestor or a time before the trace allocated. */
static inline void h_free_foreign(void *block) {
        h_mine.foreign++;
        free(block);
}

/* glibc's realloc(block, 0) frees and returns NULL; any other NULL leaves the old block as it was. */
static inline void h_moved(enum h_kind kind, const void *before, size_t bytes_before, const void *after,
                           size_t bytes) {
        if (!after && bytes)
                return;
        h_gave(before, bytes_before);
        h_took(kind, after, bytes);
}

static inline void *h_realloc(void *block, size_t bytes_before, size_t bytes) {
        const void *before = block;
        block = realloc(block, bytes);
        h_moved(H_REALLOC, before, bytes_before, block, bytes);
        return block;
}

/* Adds the calling thread's counts to the process's. */
static inline void h_thread_done(void) {
        for (int kind = 0; kind < H_KINDS; kind++) {
                __atomic_fetch_add(&h_total.calls[kind], h_mine.calls[kind], __ATOMIC_RELAXED);
                __atomic_fetch_add(&h_total.bytes[kind], h_mine.bytes[kind], __ATOMIC_RELAXED);
        }
        __atomic_fetch_add(&h_total.frees, h_mine.frees, __ATOMIC_RELAXED);
        __atomic_fetch_add(&h_total.foreign, h_mine.foreign, __ATOMIC_RELAXED);
        __atomic_fetch_add(&h_total.temporary, h_mine.temporary, __ATOMIC_RELAXED);
        __atomic_fetch_add(&h_total.live_blocks, h_mine.live_blocks, __ATOMIC_RELAXED);
        __atomic_fetch_add(&h_total.live_bytes, h_mine.live_bytes, __ATOMIC_RELAXED);
        if (h_mine.peak_bytes > __atomic_load_n(&h_total.peak_bytes, __ATOMIC_RELAXED))
                __atomic_store_n(&h_total.peak_bytes, h_mine.peak_bytes, __ATOMIC_RELAXED);
        memset(&h_mine, 0, sizeof h_mine);
}

/* Called first in a fork child: what it inherited is foreign to its own trace. */
static inline void h_forked(void) {
        memset(&h_mine, 0, sizeof h_mine);
        memset(&h_total, 0, sizeof h_total);
}

static inline void h_write(const char *text, size_t bytes) {
        while (bytes) {
                ssize_t written = write(STDOUT_FILENO, text, bytes);
                if (written <= 0)
                        _exit(99);
                text += written;
                bytes -= (size_t)written;
        }
}

/* A line of the program's own, compared between the untraced and the traced run. */
#define h_say(...)                                                                                           \
        do {                                                                                                 \
                char h_line[512];                                                                            \
                h_write(h_line, (size_t)snprintf(h_line, sizeof h_line, __VA_ARGS__));                       \
        } while (0)

enum h_flags {
        H_ONE_THREAD = 0,
        H_THREADS = 1, /* several threads allocated: the peak and what was temporary depend on their order */
        H_FOREIGN_OPEN = 2, /* others free what the trace may or may not have seen */
        H_NO_STATE = 4,     /* only write(2) is allowed any more */
};

/* A flag: so many other threads still run. */
#define H_STAY(threads) ((threads) << 8)

/*
 * Writes this process's block and its state (state.h), in one write. `how` is "exited", "signaled" or
 * "exec" and `code` goes with it: the way the process is about to end.
 */
static inline void h_report(int flags, const char *how, int code) {
        static const char *const names[H_KINDS] = { "malloc",         "calloc",        "realloc",
                                                    "reallocarray",   "aligned_alloc", "memalign",
                                                    "posix_memalign", "valloc",        "pvalloc" };
        char text[3072];
        size_t used = 0;
        struct h_tally *t = &h_total;

        if (!(flags & H_NO_STATE))
                used = state_line(text, sizeof text - 1024, 1 + (flags >> 8));

        h_thread_done();
        used += (size_t)snprintf(text + used, sizeof text - used, "heap begin\n");
        for (int kind = 0; kind < H_KINDS; kind++)
                if (t->calls[kind])
                        used += (size_t)snprintf(text + used, sizeof text - used, "heap %s %llu %llu\n",
                                                 names[kind], (unsigned long long)t->calls[kind],
                                                 (unsigned long long)t->bytes[kind]);
        used += (size_t)snprintf(text + used, sizeof text - used, "heap frees %llu\n",
                                 (unsigned long long)t->frees);
        if (!(flags & H_FOREIGN_OPEN))
                used += (size_t)snprintf(text + used, sizeof text - used, "heap foreign %llu\n",
                                         (unsigned long long)t->foreign);
        used += (size_t)snprintf(text + used, sizeof text - used, "heap live %lld %lld\n",
                                 (long long)t->live_blocks, (long long)t->live_bytes);
        if (!(flags & H_THREADS))
                used += (size_t)snprintf(text + used, sizeof text - used,
                                         "heap peak %lld\nheap temporary %llu\n", (long long)t->peak_bytes,
                                         (unsigned long long)t->temporary);
        used += (size_t)snprintf(text + used, sizeof text - used, "heap end %s %d\n", how, code);
        h_write(text, used);
}

/* The reason goes to the runner, which shows the case as skipped. */
static inline int h_skip(const char *reason) {
        h_say("skip %s\n", reason);
        return 77;
}

#endif
