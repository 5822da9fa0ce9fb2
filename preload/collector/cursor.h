/*
 * Where the collector stands in a ring, and the records read there: what lets an interrupted
 * producer's hole be told from an abandoned one, and realloc's two halves find each other.
 *
 * Runs in the collector's one thread. Must not: trust a word of the ring.
 */
#ifndef MEMTRACE_COLLECTOR_CURSOR_H
#define MEMTRACE_COLLECTOR_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

#include <memtrace/format.h>

#include "collector/live_map.h"
#include "session/ring.h"

#define THREAD_NONE UINT32_MAX
#define CURSOR_BEGUN_MAX 8u

/* A record of a ring, its optional words in place. */
struct record {
        uint64_t first; /* the first word, without lap */
        uint64_t size;  /* where it has a stack; of a NAME, where in the trace's `names` its own is */
        uint64_t time;  /* session time, never less than the one before it in its ring */
        uint32_t node;  /* stack id; 0 where it has none. Of a NAME the name's bytes, once it was taken */
        uint32_t ring;  /* index of the cursor */
};

/* A realloc that has released its old block and not yet said how it went. */
struct begun {
        uint64_t address;
        uint64_t time;
        struct live_block block;
        bool missing; /* the block was not live */
};

struct cursor {
        struct ring *ring;
        uint64_t position;   /* next word to read */
        uint64_t head;       /* the ring's, as read in this turn */
        uint64_t turn_start; /* position at the turn's begin */
        uint64_t published;  /* `tail` as last stored */
        uint64_t last_time;  /* of the last record read */
        uint64_t now;        /* session time at which this turn began */
        uint64_t now_before; /* and the one before */
        uint64_t seen;       /* what is below it had been published when the turn before ended */
        uint64_t floor;      /* no record that is not reserved yet can be older */
        uint32_t thread;     /* number of the thread that writes, THREAD_NONE before the first record */
        uint32_t index;
        bool drained; /* position == head at the last turn's end */
        bool late;    /* its hole is older than the merge waits for */
        uint8_t begun_count;
        uint64_t hole; /* position + 1 of the unpublished word it stands at, 0 for none */
        uint64_t hole_age_ns;
        uint64_t hole_seen_ns; /* at the last look */
        uint64_t woken_at;     /* `tail` when the producer was last woken */
        struct begun begun[CURSOR_BEGUN_MAX];
};

/*
 * A record's time from its word: not before the record before it. One that is after this turn's begin
 * was made since; but if it had been read a turn ago already it is wild, and must not hold back all
 * that follows. Reserved a turn ago is not enough: its thread may have read the clock just now.
 */
static inline uint64_t cursor_time(const struct cursor *cursor, uint64_t time) {
        if (__builtin_expect(time > cursor->now, 0) && cursor->position < cursor->seen)
                time = cursor->now_before;
        return time > cursor->last_time ? time : cursor->last_time;
}

/* One of a record's further words into *word. Returns 1; 0 while it is unpublished, -1 when it is none. */
static inline int cursor_further(const struct cursor *cursor, uint64_t position, uint64_t *word) {
        if (!ring_get(cursor->ring, position, word))
                return 0;
        return *word & RECORD_FIRST ? -1 : 1;
}

/*
 * Read the record at the cursor's position, all of whose words are below `head`, into *record.
 * Returns its words; 0 while a word is unpublished. A word that begins no whole record is damage, and
 * passed over as one of op 0.
 */
static inline uint32_t cursor_peek(const struct cursor *cursor, struct record *record) {
        uint64_t position = cursor->position;
        uint64_t first, word = 0;
        int further = 1;

        if (!ring_get(cursor->ring, position, &first))
                return 0;
        *record = (struct record){ .first = first, .time = cursor->last_time, .ring = cursor->index };
        if (!(first & RECORD_FIRST))
                further = -1;
        else if (cursor->head - position < record_words(first))
                return 0;
        if (further > 0 && record_has_stack(first)) {
                further = cursor_further(cursor, ++position, &word);
                record->node = (uint32_t)(word >> 32) & 0x3fffffffu;
                record->size = (uint32_t)word;
        }
        if (record_op(first) == RECORD_NAME) {
                for (uint32_t left = record_name_words(first); further > 0 && left != 0; left--)
                        further = cursor_further(cursor, ++position, &word);
        } else if (further > 0 && (first & RECORD_SIZED)) {
                further = cursor_further(cursor, ++position, &word);
                record->size = word;
                if (further > 0 && word > MTR_SITE_BYTES_MAX)
                        further = -1;
        }
        if (further > 0 && (first & RECORD_TIMED)) {
                further = cursor_further(cursor, ++position, &word);
                if (further > 0)
                        record->time = cursor_time(cursor, word);
        }
        if (further > 0)
                return record_words(first);
        record->first = 0;
        return (uint32_t)-further;
}

/*
 * The same, sooner: almost all records are whole, have one or two words and a time where `timed`
 * says so, and do not run over the ring's end. These are taken without a branch on their words
 * or kind, which would be mispredicted at every other record. `timed` is a constant at each call: where
 * it is false, a record with a time is one of the others.
 */
static inline __attribute__((always_inline)) uint32_t cursor_read(const struct cursor *cursor,
                                                                  struct record *record, bool timed) {
        uint64_t place = cursor->position & (RING_WORDS - 1);
        uint64_t words = timed ? 3 : 2;

        if (__builtin_expect(place + words <= RING_WORDS && cursor->head - cursor->position >= words, 1)) {
                const uint64_t *at = ring_words(cursor->ring) + place;
                uint64_t lap = ring_lap(cursor->position);
                /* Acquire pairs with ring_put. */
                uint64_t first = __atomic_load_n(&at[0], __ATOMIC_ACQUIRE);
                uint64_t second = __atomic_load_n(&at[1], __ATOMIC_ACQUIRE);
                uint64_t third = timed ? __atomic_load_n(&at[2], __ATOMIC_ACQUIRE) : 0;
                uint64_t has_stack = (RECORD_OPS_WITH_STACK >> record_op(first)) & 1;
                uint64_t has_time = timed;
                uint64_t odd = (first ^ (lap | RECORD_FIRST | (timed ? RECORD_TIMED : 0))) &
                               (RECORD_LAP | RECORD_FIRST | RECORD_TIMED | RECORD_SIZED);

                odd |= (second ^ lap) & (RECORD_LAP | RECORD_FIRST) & -(has_stack | has_time);
                odd |= (third ^ lap) & (RECORD_LAP | RECORD_FIRST) & -(has_stack & has_time);
                if (__builtin_expect(odd == 0, 1)) {
                        uint64_t time = timed ? (has_stack ? third : second) & RECORD_PAYLOAD_MASK : 0;

                        record->first = first & ~RECORD_LAP;
                        record->size = (uint32_t)second;
                        record->time = timed ? cursor_time(cursor, time) : cursor->last_time;
                        record->node = (uint32_t)(second >> 32) & 0x3fffffffu & -(uint32_t)has_stack;
                        record->ring = cursor->index;
                        return (uint32_t)(1 + has_stack + has_time);
                }
        }
        return cursor_peek(cursor, record);
}

/* The name of the whole NAME at the position, as far as it is one: into *name, of RECORD_NAME_BYTES_MAX. Its
 * bytes, 0 where it has none. */
uint32_t cursor_name(const struct cursor *cursor, uint64_t first, char *name);

/* Begin a turn at a session time, UINT64_MAX when there will be no other: read how far the ring is reserved.
 * True when there is something to read. */
bool cursor_look(struct cursor *cursor, uint64_t now);

/* Tell the producer how far we are, and wake it when it sleeps and has room again. */
void cursor_publish(struct cursor *cursor);

/*
 * The word at the position is unpublished. Returns the events given up when the cursor moved on, 0
 * or 1, and -1 when it stands still: the word may come yet. `dead`: its thread cannot write any more.
 */
int cursor_hole(struct cursor *cursor, uint64_t now_ns, bool dead);

#endif
