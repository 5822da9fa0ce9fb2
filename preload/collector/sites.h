/*
 * Allocation sites of one process: (stack, size, kind) -> a dense number, and what each holds.
 * A stack mostly asks for the same size again, so the last site of each stack stands in front
 * of the hash table.
 *
 * Runs in the collector's one thread. Stacks are node ids of the session here; stacks.h tells
 * their number in the trace. Must not: trust a node id.
 */
#ifndef MEMTRACE_COLLECTOR_SITES_H
#define MEMTRACE_COLLECTOR_SITES_H

#include <stdbool.h>
#include <stdint.h>

#include "collector/encode.h"
#include "collector/stacks.h"

#define SITE_NONE UINT32_MAX
#define SITES_MAX (UINT32_C(1) << 28) /* a site and its event fit 32 bits */
#define SITES_KEPT_SIZE_MAX ((UINT32_C(1) << 28) - 1)

#define SITE_CELLS 2u
#define SITE_CELL_EMPTY UINT64_C(0x1fff)

struct site {
        uint64_t heap_bytes; /* what a block of it is in malloc's heap: its size, nothing for a domain's */
        uint64_t live_blocks;
        uint64_t lived[SITE_CELLS]; /* see lives.h */
};
_Static_assert(sizeof(struct site) == 32, "in one cache line");

/* The last site of a stack: key = size << 4 | kind + 1, 0 for none. */
struct site_kept {
        uint32_t key;
        uint32_t site;
};

struct sites {
        struct array sites;    /* struct site by number */
        struct array nodes;    /* uint32_t by number: the stack id it was defined by, 0 for none */
        struct array reported; /* uint64_t by number: bytes of a block, where that is a domain's */
        struct array kept;     /* struct site_kept by node id, of malloc's heap */
        struct array hash;     /* struct site_slot */
        uint32_t kept_count;   /* node ids below have an entry in `kept` */
        uint32_t count;
        /* MTR_SITES of the block in the making, column by column. */
        struct buffer stack_column, size_column, kind_column;
        uint32_t defined; /* rows of it */
        uint32_t previous_stack;
};

/* False: no memory. */
bool sites_init(struct sites *sites);
void sites_deinit(struct sites *sites);

/* The site by way of the hash table, defined when it is new. `kind`: as the file has it. SITE_NONE: no
 * memory, or too many. */
uint32_t sites_find(struct sites *sites, struct stacks *stacks, uint32_t node, uint64_t size, uint32_t kind);

/* After the block was written: the next one's rows begin. */
void sites_block_begin(struct sites *sites);

static inline struct site *sites_at(struct sites *sites, uint32_t number) {
        return (struct site *)sites->sites.data + number;
}

/* Questions alone ask for it, so it does not stand among what each event touches. */
static inline uint32_t sites_node(const struct sites *sites, uint32_t number) {
        return ((const uint32_t *)sites->nodes.data)[number];
}

/* Of a domain's site. */
static inline uint64_t sites_reported_bytes(const struct sites *sites, uint32_t number) {
        return ((const uint64_t *)sites->reported.data)[number];
}

static inline void sites_prefetch(const struct sites *sites, uint32_t node) {
        __builtin_prefetch((const struct site_kept *)sites->kept.data +
                           (node < sites->kept_count ? node : 0));
}

/* The same, sooner, of malloc's heap. */
static inline uint32_t sites_number(struct sites *sites, struct stacks *stacks, uint32_t node, uint64_t size,
                                    uint32_t kind) {
        if (__builtin_expect(node < sites->kept_count && size <= SITES_KEPT_SIZE_MAX, 1)) {
                const struct site_kept *kept = (const struct site_kept *)sites->kept.data + node;

                if (kept->key == ((uint32_t)size << 4 | (kind + 1)))
                        return kept->site;
        }
        return sites_find(sites, stacks, node, size, kind);
}

#endif
