/*
 * Reservation of the session and its chunks. Runs in traced processes and in the collector;
 * must not allocate, and must keep errno where session.h says so.
 */
#include "session/session.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "session/calls.h"
#include "session/kernel.h"

#ifndef MADV_DONTDUMP
#define MADV_DONTDUMP 16
#endif

/* A limit on address space is the program's to spend: a sixteenth of it at most is ours. */
static uint32_t chunks_within(uint64_t limit_bytes) {
        uint64_t chunks = limit_bytes / 16 / CHUNK_BYTES;

        if (chunks > CHUNK_COUNT_MAX)
                return CHUNK_COUNT_MAX;
        return chunks < CHUNK_COUNT_SMALL ? CHUNK_COUNT_SMALL : (uint32_t)chunks;
}

/* Chunks mapped in this process; 0: all of them. Written before the program's limit, by one thread. */
static _Atomic uint32_t mapped_chunks;

/* Every chunk is open in this process. Written by session_open_all; fork children inherit both. */
static _Atomic bool all_open;

struct session *session_new(const struct options *options) {
        struct rlimit limit;
        uint32_t chunk_count =
                chunks_within(getrlimit(RLIMIT_AS, &limit) == 0 ? limit.rlim_cur : RLIM_INFINITY);
        struct session *session;

        for (;;) {
                session = mmap(NULL, (size_t)chunk_count * CHUNK_BYTES, PROT_NONE,
                               MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
                if (session != MAP_FAILED || chunk_count == CHUNK_COUNT_SMALL)
                        break;
                chunk_count = CHUNK_COUNT_SMALL;
        }
        if (session == MAP_FAILED)
                return NULL;
        (void)madvise(session, (size_t)chunk_count * CHUNK_BYTES, MADV_DONTDUMP);
        if (mprotect(session, CHUNK_BYTES, PROT_READ | PROT_WRITE) < 0) {
                int saved = errno;

                (void)munmap(session, (size_t)chunk_count * CHUNK_BYTES);
                errno = saved;
                return NULL;
        }
        atomic_store_explicit(&mapped_chunks, 0, memory_order_relaxed);
        atomic_store_explicit(&all_open, false, memory_order_relaxed);
        session->options = *options;
        session->chunk_count = chunk_count;
        atomic_init(&session->chunk_taken[0], 1);
        return session;
}

void session_free(struct session *session) {
        (void)munmap(session, (size_t)session->chunk_count * CHUNK_BYTES);
        atomic_store_explicit(&mapped_chunks, 0, memory_order_relaxed);
}

static uint32_t chunks_mapped(const struct session *session) {
        uint32_t mapped = atomic_load_explicit(&mapped_chunks, memory_order_relaxed);

        return mapped ? mapped : session->chunk_count;
}

static bool chunks_open(struct session *session, uint32_t first, uint32_t count) {
        int saved = errno;
        bool opened = mprotect(session_chunk(session, first), (size_t)count * CHUNK_BYTES,
                               PROT_READ | PROT_WRITE) == 0;

        errno = saved;
        return opened;
}

void session_open_all(struct session *session) {
        if (calls_allow(CALL_MEMORY) && chunks_open(session, 0, chunks_mapped(session)))
                atomic_store_explicit(&all_open, true, memory_order_relaxed);
}

void session_trim(struct session *session, uint64_t limit_bytes) {
        uint32_t highest = 0, keep;

        if (!calls_allow(CALL_MEMORY))
                return;
        for (uint32_t word = 0; word * 64 < session->chunk_count; word++) {
                uint64_t taken = atomic_load_explicit(&session->chunk_taken[word], memory_order_relaxed);

                if (taken)
                        highest = word * 64 + 63 - (uint32_t)__builtin_clzll(taken);
        }
        keep = highest + 1 + CHUNK_COUNT_SMALL;
        if (keep < chunks_within(limit_bytes))
                keep = chunks_within(limit_bytes);
        if (keep >= chunks_mapped(session))
                return;
        /* First the word, then the memory: nobody takes what is about to go. */
        atomic_store_explicit(&mapped_chunks, keep, memory_order_seq_cst);
        (void)munmap(session_chunk(session, keep), (size_t)(session->chunk_count - keep) * CHUNK_BYTES);
}

uint32_t session_chunk_take(struct session *session) {
        uint32_t chunk_count = chunks_mapped(session);

        for (uint32_t word = 0; word * 64 < chunk_count; word++) {
                uint64_t taken = atomic_load_explicit(&session->chunk_taken[word], memory_order_relaxed);

                while (~taken != 0) {
                        uint32_t bit = (uint32_t)__builtin_ctzll(~taken);
                        uint32_t chunk = word * 64 + bit;

                        if (chunk >= chunk_count)
                                return CHUNK_NONE;
                        /* Acquire pairs with session_chunk_give: without it we might see what the
                         * chunk held before it was zeroed. */
                        if (!atomic_compare_exchange_weak_explicit(
                                    &session->chunk_taken[word], &taken, taken | UINT64_C(1) << bit,
                                    memory_order_acquire, memory_order_relaxed))
                                continue;
                        /* A chunk that cannot be opened here stays taken: another try would fail too. */
                        return atomic_load_explicit(&all_open, memory_order_relaxed) ||
                                               (calls_allow(CALL_MEMORY) && chunks_open(session, chunk, 1))
                                       ? chunk
                                       : CHUNK_NONE;
                }
        }
        return CHUNK_NONE;
}

void session_chunk_give(struct session *session, uint32_t chunk) {
        void *memory = session_chunk(session, chunk);
        int saved = errno;

        if (!calls_allow(CALL_MEMORY) || madvise(memory, CHUNK_BYTES, MADV_REMOVE) < 0)
                memset(memory, 0, CHUNK_BYTES);
        errno = saved;
        /* Release pairs with session_chunk_take. */
        atomic_fetch_and_explicit(&session->chunk_taken[chunk / 64], ~(UINT64_C(1) << (chunk % 64)),
                                  memory_order_release);
}

void session_futex_wait(_Atomic uint32_t *word, uint32_t expected, uint64_t timeout_ns) {
        struct timespec timeout = { .tv_sec = (time_t)(timeout_ns / 1000000000u),
                                    .tv_nsec = (long)(timeout_ns % 1000000000u) };

        if (!calls_allow(CALL_WAIT)) {
                for (uint32_t i = 0; i < SESSION_SPINS; i++)
                        __builtin_ia32_pause();
                return;
        }
        (void)sys_call6(SYS_futex, (long)word, FUTEX_WAIT, expected, (long)&timeout, 0, 0);
}

void session_futex_wake(_Atomic uint32_t *word) {
        if (!calls_allow(CALL_WAIT))
                return;
        (void)sys_call6(SYS_futex, (long)word, FUTEX_WAKE, 0x7fffffff, 0, 0, 0);
}

void session_wake(struct session *session) {
        atomic_fetch_add_explicit(&session->wake, 1, memory_order_release);
        session_futex_wake(&session->wake);
}
