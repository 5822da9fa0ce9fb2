/*
 * New and varying sites: see sites.h. Runs in the collector's one thread.
 */
#include "collector/sites.h"

#include <memtrace/format.h>

#define HASH_FIRST 256u
#define ROW_BYTES_MAX VARINT_MAX_BYTES

/* Stack, size and kind in as little as they fit: node ids have 30 bits, kinds 8. */
struct site_key {
        uint64_t size_kind; /* size << 6 | kind >> 2 */
        uint32_t node_kind; /* node << 2 | kind & 3 */
};
_Static_assert(MTR_SITE_BYTES_MAX < UINT64_C(1) << 58, "a size leaves room for a kind");

struct site_slot {
        uint64_t size_kind; /* as in the key */
        uint32_t node_kind;
        uint32_t site_plus_one; /* 0: empty */
};

static struct site_key key_of(uint32_t node, uint64_t size, uint32_t kind) {
        return (struct site_key){ size << 6 | kind >> 2, node << 2 | (kind & 3) };
}

bool sites_init(struct sites *sites) {
        return array_reserve(&sites->sites, HASH_FIRST * sizeof(struct site)) &&
               array_reserve(&sites->nodes, HASH_FIRST * sizeof(uint32_t)) &&
               array_reserve(&sites->kept, sizeof(struct site_kept)) &&
               array_reserve(&sites->hash, HASH_FIRST * sizeof(struct site_slot));
}

void sites_deinit(struct sites *sites) {
        array_deinit(&sites->sites);
        array_deinit(&sites->nodes);
        array_deinit(&sites->kept);
        array_deinit(&sites->hash);
        array_deinit(&sites->reported);
        buffer_deinit(&sites->stack_column);
        buffer_deinit(&sites->size_column);
        buffer_deinit(&sites->kind_column);
        *sites = (struct sites){ 0 };
}

void sites_block_begin(struct sites *sites) {
        sites->stack_column.used = sites->size_column.used = sites->kind_column.used = 0;
        sites->defined = sites->previous_stack = 0;
}

static struct site_slot *slot_of(const struct array *hash, struct site_key key) {
        size_t slots = hash->capacity_bytes / sizeof(struct site_slot);
        uint64_t mixed =
                (key.size_kind * UINT64_C(0xff51afd7ed558ccd) ^ key.node_kind) * UINT64_C(0x9e3779b97f4a7c15);
        size_t index = (size_t)(mixed >> 32) & (slots - 1);
        struct site_slot *slot;

        for (;; index = (index + 1) & (slots - 1)) {
                slot = (struct site_slot *)hash->data + index;
                if (slot->site_plus_one == 0 ||
                    (slot->size_kind == key.size_kind && slot->node_kind == key.node_kind))
                        return slot;
        }
}

/* At most half full, so that slot_of ends, and soon. */
static bool hash_make_room(struct sites *sites) {
        size_t slots = sites->hash.capacity_bytes / sizeof(struct site_slot);
        struct array grown = { 0 };

        if (((size_t)sites->count + 1) * 2 <= slots)
                return true;
        if (!array_reserve(&grown, slots * 2 * sizeof(struct site_slot)))
                return false;
        for (size_t i = 0; i < slots; i++) {
                const struct site_slot *slot = (const struct site_slot *)sites->hash.data + i;

                if (slot->site_plus_one != 0)
                        *slot_of(&grown, (struct site_key){ slot->size_kind, slot->node_kind }) = *slot;
        }
        array_deinit(&sites->hash);
        sites->hash = grown;
        return true;
}

static uint32_t site_define(struct sites *sites, uint32_t node, uint32_t stack, uint64_t size,
                            uint32_t kind) {
        uint32_t number = sites->count;
        bool reported = kind >= MTR_KIND_DOMAIN;

        if (number >= SITES_MAX ||
            (reported && !array_reserve(&sites->reported, ((size_t)number + 1) * sizeof(uint64_t))) ||
            !array_reserve(&sites->sites, ((size_t)number + 1) * sizeof(struct site)) ||
            !array_reserve(&sites->nodes, ((size_t)number + 1) * sizeof(uint32_t)) ||
            !buffer_reserve(&sites->stack_column, ROW_BYTES_MAX) ||
            !buffer_reserve(&sites->size_column, ROW_BYTES_MAX) || !buffer_reserve(&sites->kind_column, 1))
                return SITE_NONE;
        *sites_at(sites, number) = (struct site){ .heap_bytes = reported ? 0 : size,
                                                  .lived = { SITE_CELL_EMPTY, SITE_CELL_EMPTY } };
        ((uint32_t *)sites->nodes.data)[number] = node;
        if (reported)
                ((uint64_t *)sites->reported.data)[number] = size;
        buffer_svarint(&sites->stack_column, (int64_t)stack - sites->previous_stack);
        buffer_varint(&sites->size_column, size);
        buffer_put(&sites->kind_column, &(uint8_t){ (uint8_t)kind }, 1);
        sites->previous_stack = stack;
        sites->defined++;
        sites->count++;
        return number;
}

/* Node ids are dense in the process, so that its count bounds the array; a wild one gets no entry. */
static void site_keep(struct sites *sites, struct stacks *stacks, uint32_t node, uint64_t size, uint32_t kind,
                      uint32_t site) {
        if (size > SITES_KEPT_SIZE_MAX || kind >= MTR_KIND_DOMAIN || !stacks_node_known(stacks, node))
                return;
        if (node >= sites->kept_count) {
                if (!array_reserve(&sites->kept, ((size_t)node + 1) * sizeof(struct site_kept)))
                        return;
                sites->kept_count = (uint32_t)(sites->kept.capacity_bytes / sizeof(struct site_kept));
        }
        ((struct site_kept *)sites->kept.data)[node] =
                (struct site_kept){ .key = (uint32_t)size << 4 | (kind + 1), .site = site };
}

uint32_t sites_find(struct sites *sites, struct stacks *stacks, uint32_t node, uint64_t size, uint32_t kind) {
        const struct site_key key = key_of(node, size, kind);
        struct site_slot *slot = slot_of(&sites->hash, key);
        uint32_t number;

        if (slot->site_plus_one == 0) {
                uint32_t stack = stacks_number(stacks, node);

                number = stack == STACK_FAILED || !hash_make_room(sites)
                                 ? SITE_NONE
                                 : site_define(sites, node, stack, size, kind);
                if (number == SITE_NONE)
                        return SITE_NONE;
                *slot_of(&sites->hash, key) = (struct site_slot){ .size_kind = key.size_kind,
                                                                  .node_kind = key.node_kind,
                                                                  .site_plus_one = number + 1 };
        } else {
                number = slot->site_plus_one - 1;
        }
        site_keep(sites, stacks, node, size, kind, number);
        return number;
}
