/*
 * The session: one shared anonymous mapping that joins the traced processes of a fork family
 * with their collector. It is reserved PROT_NONE and handed out in chunks of 1 MiB, opened
 * (mprotect) by whoever takes one; the first chunk is struct session itself.
 *
 * Runs in: traced processes (any thread, also in signal handlers) and the collector (one
 * thread). Lock-free throughout. Must not: call libc beyond what is async-signal-safe.
 *
 * docs/concurrency.md lists every shared field with its writer and the barrier that pairs.
 */
#ifndef MEMTRACE_SESSION_SESSION_H
#define MEMTRACE_SESSION_SESSION_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "session/options.h"

#define CHUNK_BYTES (1u << 20)
#define CHUNK_COUNT_MAX 16384u /* 16 GiB of address space where nobody limits it */
#define CHUNK_COUNT_SMALL 32u  /* what serves under a tight RLIMIT_AS or strict overcommit */
#define CHUNK_NONE 0u          /* chunk 0 is the session, so 0 names no other */
#define SESSION_PROCESSES 4096u
#define SESSION_TEXT_MAX 4608u

enum session_status {
        SESSION_STARTING = 0,
        SESSION_READY = 1,  /* the collector drains; the first process's trace is open */
        SESSION_FAILED = 2, /* it could not; `status_text` says why in one line */
};

enum session_clock { SESSION_CLOCK_TSC = 0, SESSION_CLOCK_MONOTONIC = 1 };

enum process_slot_state {
        PROCESS_SLOT_EMPTY = 0,
        PROCESS_SLOT_CLAIMED = 1, /* a tracer is filling it */
        PROCESS_SLOT_READY = 2,   /* `chunk` holds a struct process */
};

struct process_slot {
        _Atomic uint32_t state; /* tracer: EMPTY -> CLAIMED -> READY; collector: READY -> EMPTY */
        uint32_t chunk;         /* tracer, before READY is released */
};

/* Laid out as the kernel's robust futex list wants it: see collector/alive.c. */
struct robust_link {
        struct robust_link *next;
        _Atomic uint32_t owner; /* collector's tid; the kernel sets FUTEX_OWNER_DIED when it dies */
};

struct session {
        /* Written by the starter before the collector is forked, constant afterwards. */
        struct options options;
        uint32_t chunk_count;

        /* Written by the collector. */
        alignas(64) _Atomic uint32_t status; /* enum session_status, a futex; releases the two below */
        uint32_t clock;                      /* enum session_clock */
        char status_text[SESSION_TEXT_MAX];
        alignas(64) struct robust_link alive;
        alignas(64) _Atomic uint64_t heartbeat; /* session time at the last turn of the collector's loop */

        /* Written by tracers, a futex the collector sleeps on: see session_wake. */
        alignas(64) _Atomic uint32_t wake;
        _Atomic uint32_t abandoned; /* the collector is not wanted any more, or about to leave */
        _Atomic uint32_t stopped;   /* tracers: it gives no sign of life; the collector: it does again */
        _Atomic uint32_t dropped;   /* tracers: a record found no room and was lost */
        _Atomic uint32_t told;      /* tracers: stderr has the one line about what went wrong */

        /* Slots ever used are below `process_high`; tracers raise it, never lower it. */
        alignas(64) _Atomic uint32_t process_high;
        struct process_slot processes[SESSION_PROCESSES];

        /* One bit a chunk. Tracers set (take), whoever gives one back clears it, zeroed. */
        alignas(64) _Atomic uint64_t chunk_taken[CHUNK_COUNT_MAX / 64];
};
_Static_assert(sizeof(struct session) <= CHUNK_BYTES, "the session is the first chunk");

static inline void *session_chunk(struct session *session, uint32_t chunk) {
        return (char *)session + (size_t)chunk * CHUNK_BYTES;
}

/*
 * Map a session for `options`, its first chunk open. NULL and errno when not even the small
 * reservation can be had. Not thread-safe; called once, before the collector exists.
 */
struct session *session_new(const struct options *options);

/* Undo session_new in this process. */
void session_free(struct session *session);

/*
 * Take a zeroed chunk and open it in this process. CHUNK_NONE when there is none left or it
 * could not be opened. Lock-free, async-signal-safe, one syscall (see calls.h), errno kept.
 */
uint32_t session_chunk_take(struct session *session);

/* Open all chunks in this process, before it may be forbidden to: none is touched by that. errno kept. */
void session_open_all(struct session *session);

/*
 * Give back, in this process, the address space of chunks not yet taken that is more than a limit of
 * `limit_bytes` leaves us, but for a few: before the program limits its own. Chunks beyond can then not be
 * taken here, nor in children forked later.
 */
void session_trim(struct session *session, uint64_t limit_bytes);

/*
 * Zero a chunk (its memory goes back to the system) and let it be taken again: the collector, or a tracer
 * that took it and has no use for it. errno kept.
 */
void session_chunk_give(struct session *session, uint32_t chunk);

/* True once the kernel has seen the collector die, or it is about to leave. */
static inline bool session_is_orphaned(struct session *session) {
        uint32_t owner = atomic_load_explicit(&session->alive.owner, memory_order_relaxed);

        return (owner & 0x40000000u /* FUTEX_OWNER_DIED */) ||
               atomic_load_explicit(&session->abandoned, memory_order_relaxed);
}

/* True while a full ring is not waited for: see pulse.h. */
static inline bool session_is_stopped(struct session *session) {
        return atomic_load_explicit(&session->stopped, memory_order_relaxed);
}

/* Tracer: rouse the collector if it sleeps. One futex syscall; where that is forbidden (calls.h), it wakes by
 * itself within 16 ms. errno kept. */
void session_wake(struct session *session);

/*
 * futex(2) on a word shared between processes; wait returns on a wake, a change of the
 * word, a signal, or after timeout_ns. Where it is forbidden, wait is over after SESSION_SPINS. errno kept.
 */
#define SESSION_SPINS 512u /* about 20 us, where a pause is short half of that */
void session_futex_wait(_Atomic uint32_t *word, uint32_t expected, uint64_t timeout_ns);
void session_futex_wake(_Atomic uint32_t *word);

#endif
