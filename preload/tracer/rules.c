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

/* The unwind table of the module that holds pc; NULL when there is none. Not inline: what the loader tells of
 * it needs much stack, and is not needed any more where the table is read. */
static __attribute__((noinline)) const void *module_find(uintptr_t pc, struct cfi_image *image,
                                                         const struct link_map **link_map) {
        struct dl_find_object found;

        if (_dl_find_object((void *)pc, &found) != 0 || !found.dlfo_eh_frame)
                return NULL;
        *image = modules_image(&found);
        *link_map = found.dlfo_link_map;
        return found.dlfo_eh_frame;
}

static __attribute__((noinline)) cfi_rule rule_compute(struct process *process, uint64_t address) {
        uintptr_t pc = (uintptr_t)(address & STACK_FRAME_ADDRESS_MASK) - !(address & FRAME_EXACT);
        const struct link_map *link_map;
        struct cfi_image image;
        const void *table = module_find(pc, &image, &link_map);
        cfi_rule rule;

        if (!table)
                return cfi_rule_make(CFI_STOP, CFI_RBP_UNKNOWN, 0, 0);
        rule = cfi_find(&image, table, pc);
        return cfi_rule_with_generation(rule, modules_note(process, &image, link_map));
}

/* Where an address is looked for first in a level, and how far the level reaches. */
static uint32_t place_in(uint32_t level, uint64_t address) {
        return (uint32_t)((address * UINT64_C(0x9e3779b97f4a7c15)) >> levels[level].shift);
}

static uint32_t mask_of(uint32_t level) {
        return (1u << (64 - levels[level].shift)) - 1;
}

/* The rule that the table has for an address; 0 when it has none, or not yet. */
static __attribute__((noinline)) cfi_rule table_find(struct session *session, struct process *process,
                                                     uint64_t address) {
        for (uint32_t level = 0; level < LEVELS; level++) {
                struct rules_entry *entries = level_entries(session, process, level, false);
                uint32_t first = place_in(level, address);

                for (uint32_t probe = 0; entries && probe < PROBES; probe++) {
                        struct rules_entry *entry = &entries[(first + probe) & mask_of(level)];
                        /* Acquire pairs with the release of a forgotten key's reuse. */
                        uint64_t key = atomic_load_explicit(&entry->key, memory_order_acquire);

                        if (key == address)
                                return atomic_load_explicit(&entry->rule, memory_order_relaxed);
                        if (key == 0)
                                return 0;
                }
        }
        return 0;
}

/* Keeps a rule, unless another thread does already or there is no room. */
static __attribute__((noinline)) void table_keep(struct session *session, struct process *process,
                                                 uint64_t address, cfi_rule rule) {
        for (uint32_t level = 0; level < LEVELS; level++) {
                struct rules_entry *entries = level_entries(session, process, level, true);
                uint32_t first = place_in(level, address);

                for (uint32_t probe = 0; entries && probe < PROBES; probe++) {
                        struct rules_entry *entry = &entries[(first + probe) & mask_of(level)];
                        uint64_t key = atomic_load_explicit(&entry->key, memory_order_acquire);

                        if (key == address)
                                return;
                        if ((key == 0 || key == KEY_FORGOTTEN) &&
                            atomic_compare_exchange_strong_explicit(
                                    &entry->key, &key, address, memory_order_acq_rel, memory_order_relaxed)) {
                                atomic_store_explicit(&entry->rule, rule, memory_order_relaxed);
                                return;
                        }
                }
        }
}

/* Its parts are not inline: the deepest of them has the stack of one. */
cfi_rule rules_find_slow(struct session *session, struct process *process, uint64_t address) {
        bool shared = rules_unshared == 0;
        cfi_rule rule = shared ? table_find(session, process, address) : 0;

        if (rule != 0)
                return rule;
        rule = rule_compute(process, address);
        if (shared)
                table_keep(session, process, address, rule);
        return rule;
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
