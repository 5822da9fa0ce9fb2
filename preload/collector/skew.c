/*
 * The line of held records, with a small hash over it: see skew.h. Runs in the collector's one
 * thread.
 */
#include "collector/skew.h"

static uint64_t *head_of(struct skew *skew, uint64_t address) {
        return &skew->heads[address * UINT64_C(0x9e3779b97f4a7c15) >> 56];
}

static struct skew_held *held_at(struct skew *skew, uint64_t sequence) {
        return (struct skew_held *)skew->held.data + sequence % SKEW_HELD_MAX;
}

void skew_deinit(struct skew *skew) {
        array_deinit(&skew->held);
        *skew = (struct skew){ 0 };
}

/* Unlinks from its chain, counts down, and moves the line on over what is gone. */
static void take(struct skew *skew, uint64_t sequence, struct skew_held *held) {
        struct skew_held *at = held_at(skew, sequence);
        uint64_t *link = head_of(skew, at->address);

        while (*link != sequence + 1)
                link = &held_at(skew, *link - 1)->next;
        *link = at->next;
        *held = *at;
        at->gone = true;
        skew->count[at->kind]--;
        while (skew->first != skew->end && held_at(skew, skew->first)->gone)
                skew->first++;
}

/* Which of one kind and address are meant: of any ring but this, or what a realloc of this ring holds. */
struct wanted {
        uint32_t ring;
        bool own;
        uint64_t not_before;
};

static bool is_wanted(const struct skew_held *entry, const struct wanted *wanted) {
        return entry->time >= wanted->not_before &&
               (wanted->own ? entry->ring == wanted->ring && entry->begun : entry->ring != wanted->ring);
}

static bool take_if(struct skew *skew, enum skew_kind kind, uint64_t address, const struct wanted *wanted,
                    struct skew_held *held) {
        uint64_t oldest = 0;
        bool begun = false; /* these first: another free may be of what the realloc is going to give */

        if (skew->count[kind] == 0)
                return false;
        for (uint64_t at = *head_of(skew, address); at != 0; at = held_at(skew, at - 1)->next) {
                const struct skew_held *entry = held_at(skew, at - 1);

                if (entry->kind == kind && entry->address == address && is_wanted(entry, wanted) &&
                    entry->begun >= begun) {
                        oldest = at;
                        begun = entry->begun;
                }
        }
        if (oldest == 0)
                return false;
        take(skew, oldest - 1, held);
        return true;
}

bool skew_take(struct skew *skew, enum skew_kind kind, uint64_t address, struct skew_held *held) {
        return take_if(skew, kind, address, &(struct wanted){ .ring = UINT32_MAX }, held);
}

bool skew_take_free(struct skew *skew, uint64_t address, uint16_t other_ring, uint64_t not_before,
                    struct skew_held *held) {
        return take_if(skew, SKEW_FREE, address,
                       &(struct wanted){ .ring = other_ring, .not_before = not_before }, held);
}

void skew_forget_begun(struct skew *skew, uint64_t address, uint16_t ring) {
        struct skew_held held;

        (void)take_if(skew, SKEW_FREE, address, &(struct wanted){ .ring = ring, .own = true }, &held);
}

bool skew_take_old(struct skew *skew, uint64_t time, struct skew_held *held) {
        if (skew->first == skew->end)
                return false;
        if (held_at(skew, skew->first)->since >= time && skew->end - skew->first < SKEW_HELD_MAX)
                return false;
        take(skew, skew->first, held);
        return true;
}

bool skew_hold(struct skew *skew, const struct skew_held *held) {
        uint64_t *head = head_of(skew, held->address);
        struct skew_held *at;

        if (!array_reserve(&skew->held, SKEW_HELD_MAX * sizeof(*held)))
                return false;
        at = held_at(skew, skew->end);
        *at = *held;
        at->gone = false;
        at->next = *head;
        *head = ++skew->end;
        skew->count[held->kind]++;
        return true;
}
