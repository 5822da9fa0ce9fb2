/*
 * Progress of a ring's cursor: see cursor.h. Runs in the collector's one thread.
 */
#include "collector/cursor.h"

#define HOLE_LATE_NS UINT64_C(20000000)        /* then other rings do not wait for it any more */
#define HOLE_ABANDONED_NS UINT64_C(1000000000) /* then it is given up, if later words are there */
#define HOLE_FULL_NS UINT64_C(100000000)       /* the same when its thread waits for room */
/* What counts of the time between two looks: a machine that stood still, or had no time for us, may have had
 * none for the thread either, which would go on. Longer than a pause of the collector. */
#define HOLE_LOOK_NS UINT64_C(25000000)

uint32_t cursor_name(const struct cursor *cursor, uint64_t first, char *name) {
        uint32_t length = record_name_bytes(first);

        for (uint32_t i = 0; i < length; i++) {
                uint64_t word;

                (void)ring_get(cursor->ring, cursor->position + 1 + i / RECORD_NAME_WORD_BYTES, &word);
                name[i] = (char)(word >> 8 * (i % RECORD_NAME_WORD_BYTES));
                if (name[i] == '\0')
                        return i;
        }
        return length;
}

bool cursor_look(struct cursor *cursor, uint64_t now) {
        /* Acquire: a word read as unpublished after this was unpublished after this. */
        uint64_t head = __atomic_load_n(&cursor->ring->head, __ATOMIC_ACQUIRE);

        /* More than a ring full is damage, and less than nothing as well. */
        if (head - cursor->position > RING_WORDS)
                head = (int64_t)(head - cursor->position) < 0 ? cursor->position
                                                              : cursor->position + RING_WORDS;
        cursor->now_before = cursor->now;
        cursor->head = head;
        cursor->now = now;
        cursor->turn_start = cursor->position;
        return head != cursor->position;
}

void cursor_publish(struct cursor *cursor) {
        struct ring *ring = cursor->ring;
        uint64_t used, done;

        if (cursor->published == cursor->position)
                return;
        /* Sequentially consistent pairs with the producer's store of `waiting` before its last look at
         * `tail`: without it both could miss the other, and the producer would sleep its timeout. */
        atomic_store_explicit(&ring->tail, cursor->position, memory_order_seq_cst);
        cursor->published = cursor->position;
        if (atomic_load_explicit(&ring->waiting, memory_order_seq_cst) == 0)
                return;
        /* Not at the first free word: the producer would be back at once. */
        used = __atomic_load_n(&ring->head, __ATOMIC_RELAXED) - cursor->position;
        done = cursor->position - cursor->woken_at;
        if (used > RING_WORDS / 4 * 3 || (done < RING_WORDS / 4 && used != 0))
                return;
        cursor->woken_at = cursor->position;
        atomic_fetch_add_explicit(&ring->tail_futex, 1, memory_order_release);
        session_futex_wake(&ring->tail_futex);
}

/* The next word after the position that is published and begins a record; `head` when there is none. */
static uint64_t next_first(const struct cursor *cursor) {
        uint64_t position = cursor->position + 1;
        uint64_t word;

        while (position != cursor->head &&
               !(ring_get(cursor->ring, position, &word) && (word & RECORD_FIRST)))
                position++;
        return position;
}

int cursor_hole(struct cursor *cursor, uint64_t now_ns, bool dead) {
        uint64_t patience_ns, passed_ns, next;

        if (cursor->hole != cursor->position + 1) {
                cursor->hole = cursor->position + 1;
                cursor->hole_age_ns = 0;
                cursor->hole_seen_ns = now_ns;
        }
        passed_ns = now_ns - cursor->hole_seen_ns;
        cursor->hole_age_ns += passed_ns < HOLE_LOOK_NS ? passed_ns : HOLE_LOOK_NS;
        cursor->hole_seen_ns = now_ns;
        cursor->late = cursor->hole_age_ns >= HOLE_LATE_NS;
        patience_ns = atomic_load_explicit(&cursor->ring->waiting, memory_order_relaxed) ? HOLE_FULL_NS
                                                                                         : HOLE_ABANDONED_NS;
        if (!dead && cursor->hole_age_ns < patience_ns)
                return -1;
        next = next_first(cursor);
        if (next == cursor->head && !dead)
                return -1;
        cursor->hole = 0;
        cursor->late = false;
        cursor->position = next;
        /* The last thing a dying thread began had no effect it could see: nothing is lost with it. */
        return next != cursor->head;
}
