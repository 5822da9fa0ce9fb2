/*
 * The process's table of rules: see rules.h. Entries are added and, after a dlclose, emptied;
 * never moved. It grows by levels, so that a small program touches a few pages.
 */
#include "tracer/rules.h"

#include <dlfcn.h>

#include "tracer/modules.h"

struct rules_entry {
        _Atomic uint64_t key;  /* an address, 0 free, KEY_FORGOTTEN */
        _Atomic cfi_rule rule; /* 0 until known */
};

__thread uint32_t rules_unshared;

#define KEY_FORGOTTEN UINT64_C(1)
#define LEVELS 4u
#define PROBES 16u /* a level is full for an address when these are taken */

/* Where each level's entries lie: chunks of their own, opened when the level before is full. */
static const struct {
        uint32_t chunk;  /* of the process's `rule_chunks` */
        uint32_t offset; /* in entries */
        uint32_t shift;  /* 64 - log2 of the entries */
} levels[LEVELS] = {
        { 0, 0, 64 - 10 },
        { 0, 1u << 13, 64 - 13 },
        { 0, 1u << 15, 64 - 15 },
        { 1, 0, 64 - 16 },
};

static struct rules_entry *level_entries(struct session *session, struct process *process, uint32_t level,
                                         bool open) {
        _Atomic uint32_t *slot = &process->rule_chunks[levels[level].chunk];
        uint32_t chunk = atomic_load_explicit(slot, memory_order_acquire), expected = CHUNK_NONE;

        if (chunk == CHUNK_NONE) {
                if (!open)
                        return NULL;
                chunk = session_chunk_take(session);
                if (chunk == CHUNK_NONE)
                        return NULL;
                if (!atomic_compare_exchange_strong_explicit(slot, &expected, chunk, memory_order_acq_rel,
                                                             memory_order_acquire)) {
                        session_chunk_give(session, chunk);
                        chunk = expected;
                }
        }
        return (struct rules_entry *)session_chunk(session, chunk) + levels[level].offset;
}

static cfi_rule rule_compute(struct process *process, uint64_t address) {
        uintptr_t pc = (uintptr_t)(address & STACK_FRAME_ADDRESS_MASK) - !(address & FRAME_EXACT);
        struct dl_find_object found;
        struct cfi_image image;

        if (_dl_find_object((void *)pc, &found) != 0 || !found.dlfo_eh_frame)
                return cfi_rule_make(CFI_STOP, CFI_RBP_UNKNOWN, 0, 0);
        image = modules_image(&found);
        return cfi_rule_with_generation(cfi_find(&image, found.dlfo_eh_frame, pc),
                                        modules_note(process, &found));
}

cfi_rule rules_find_slow(struct session *session, struct process *process, uint64_t address) {
        uint64_t hash = address * UINT64_C(0x9e3779b97f4a7c15);
        cfi_rule rule = 0;

        if (rules_unshared > 0)
                return rule_compute(process, address);
        for (uint32_t level = 0; level < LEVELS; level++) {
                struct rules_entry *entries = level_entries(session, process, level, true);
                uint32_t first = (uint32_t)(hash >> levels[level].shift),
                         mask = (1u << (64 - levels[level].shift)) - 1;

                if (!entries)
                        break;
                for (uint32_t probe = 0; probe < PROBES; probe++) {
                        struct rules_entry *entry = &entries[(first + probe) & mask];
                        /* Acquire pairs with the release of a forgotten key's reuse. */
                        uint64_t key = atomic_load_explicit(&entry->key, memory_order_acquire);

                        if (key == address) {
                                cfi_rule known = atomic_load_explicit(&entry->rule, memory_order_relaxed);

                                if (known != 0)
                                        return known;
                                /* Being filled by another thread, or forgotten under us. */
                                return rule_compute(process, address);
                        }
                        if (key != 0 && key != KEY_FORGOTTEN)
                                continue;
                        if (rule == 0)
                                rule = rule_compute(process, address);
                        if (atomic_compare_exchange_strong_explicit(
                                    &entry->key, &key, address, memory_order_acq_rel, memory_order_relaxed)) {
                                atomic_store_explicit(&entry->rule, rule, memory_order_relaxed);
                                return rule;
                        }
                }
        }
        return rule != 0 ? rule : rule_compute(process, address);
}

void rules_forget(struct session *session, struct process *process, uintptr_t start, uintptr_t end) {
        for (uint32_t level = 0; level < LEVELS; level++) {
                struct rules_entry *entries = level_entries(session, process, level, false);

                if (!entries)
                        continue;
                for (uint32_t i = 0; i < 1u << (64 - levels[level].shift); i++) {
                        uint64_t key = atomic_load_explicit(&entries[i].key, memory_order_relaxed);
                        uint64_t address = key & STACK_FRAME_ADDRESS_MASK;

                        if (key <= KEY_FORGOTTEN || address < start || address > end)
                                continue;
                        /* The rule goes first: who still sees the key then finds no rule, not a stale one. */
                        atomic_store_explicit(&entries[i].rule, 0, memory_order_relaxed);
                        atomic_store_explicit(&entries[i].key, KEY_FORGOTTEN, memory_order_release);
                }
        }
}
