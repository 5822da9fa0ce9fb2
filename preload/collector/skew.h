/*
 * Records that the merge met out of turn, because clocks of two cores are read at not quite
 * the instants that count: a free that came before its block's allocation, an allocation that
 * came while its address was still live. For one address allocations and frees alternate, so
 * each is held for a moment until its counterpart shows up.
 *
 * Holds little and for long enough: what is held longer than the merge can be off, or is the
 * oldest when there is no more room, is given back as what it looks like.
 *
 * Runs in the collector's one thread. Must not: know the trace.
 */
#ifndef MEMTRACE_COLLECTOR_SKEW_H
#define MEMTRACE_COLLECTOR_SKEW_H

#include <stdbool.h>
#include <stdint.h>

#include "collector/live_map.h"
#include "collector/memory.h"

#define SKEW_HELD_MAX 1024u

enum skew_kind {
        SKEW_FREE = 0,  /* its block is not live yet */
        SKEW_ALLOC = 1, /* its address is still live */
};

struct skew_held {
        uint64_t address;
        uint64_t time;           /* session time of the record */
        uint64_t since;          /* merged time at which it was held */
        uint64_t next;           /* sequence number + 1 of the next older one with this hash, 0: none */
        struct live_block block; /* SKEW_ALLOC */
        uint16_t ring;           /* SKEW_FREE: whose record it is */
        uint8_t kind;            /* enum skew_kind */
        bool begun;              /* SKEW_FREE: of a realloc that is not over, see cursor.h */
        bool gone;               /* taken; only its place in line is left */
};

/* What is held has sequence numbers first..end-1, and its place at the sequence modulo the room. */
struct skew {
        struct array held;
        uint64_t first, end;
        uint32_t count[2];   /* by enum skew_kind */
        uint64_t heads[256]; /* sequence number + 1 of the newest of each hash */
};

void skew_deinit(struct skew *skew);

/* Takes the oldest of this kind and address out; false when there is none. `other_ring` and
 * `not_before` narrow it (see pair.c): only of another ring, and at this time or later. */
bool skew_take(struct skew *skew, enum skew_kind kind, uint64_t address, struct skew_held *held);
bool skew_take_free(struct skew *skew, uint64_t address, uint16_t other_ring, uint64_t not_before,
                    struct skew_held *held);

/* Takes out what a realloc of this ring holds; nothing where that is no longer held. */
void skew_forget_begun(struct skew *skew, uint64_t address, uint16_t ring);

/* Takes the oldest of all out if it is held since before `time` or there is no room for another. */
bool skew_take_old(struct skew *skew, uint64_t time, struct skew_held *held);

/* Holds one more; the caller has made room by skew_take_old. False: no memory. */
bool skew_hold(struct skew *skew, const struct skew_held *held);

#endif
