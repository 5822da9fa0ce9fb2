/*
 * Looking up and adding stack nodes: see stack_table.h. Runs in any thread of a traced
 * process, also in a signal handler nested in another call of itself. Must not lock.
 */
#include "session/stack_table.h"

static uint32_t bucket_of(uint32_t parent, uint64_t frame) {
        uint64_t hash = (frame ^ (uint64_t)parent << 32 ^ parent) * UINT64_C(0x9e3779b97f4a7c15);

        return (uint32_t)(hash >> (64 - 17));
}
_Static_assert(STACK_BUCKETS == 1u << 17, "bucket_of takes the top 17 bits");

/* The bucket's nodes from `id` down to, not including, `end`. */
static uint32_t bucket_find(struct session *session, struct stack_table *table, uint32_t id, uint32_t end,
                            uint32_t parent, uint64_t frame) {
        while (id != end) {
                const struct stack_node *node = stack_table_node(session, table, id);

                if (node->frame == frame && node->parent == parent)
                        return id;
                id = node->next;
        }
        return 0;
}

/* Makes sure that the node array of `id` is there. */
static bool node_chunk_open(struct session *session, struct stack_table *table, uint32_t id) {
        _Atomic uint32_t *slot = &table->node_chunks[id / STACK_NODES_PER_CHUNK];
        uint32_t chunk, expected = CHUNK_NONE;

        /* Acquire pairs with the release below: without it, a node could be filled before the chunk was
         * zeroed for whoever opened it. */
        if (atomic_load_explicit(slot, memory_order_acquire) != CHUNK_NONE)
                return true;
        chunk = session_chunk_take(session);
        if (chunk == CHUNK_NONE)
                return false;
        if (!atomic_compare_exchange_strong_explicit(slot, &expected, chunk, memory_order_acq_rel,
                                                     memory_order_acquire))
                session_chunk_give(session, chunk); /* another thread was first */
        return true;
}

static uint32_t node_take(struct session *session, struct stack_table *table, uint32_t *spare) {
        uint32_t id = *spare;

        if (id != 0) {
                *spare = 0;
                return id;
        }
        /* Full tables answer without counting on, so that the count cannot wrap. */
        if (atomic_load_explicit(&table->node_count, memory_order_relaxed) >=
            STACK_NODE_CHUNKS * STACK_NODES_PER_CHUNK - 65536)
                return 0;
        id = atomic_fetch_add_explicit(&table->node_count, 1, memory_order_relaxed) + 1;
        return node_chunk_open(session, table, id) ? id : 0;
}

uint32_t stack_table_intern(struct session *session, struct stack_table *table, uint32_t parent,
                            uint64_t frame, uint32_t *spare) {
        _Atomic uint32_t *bucket = &table->buckets[bucket_of(parent, frame)];
        /* Acquire pairs with the CAS below: without it a node could be reached before it is filled. */
        uint32_t head = atomic_load_explicit(bucket, memory_order_acquire);
        uint32_t id = bucket_find(session, table, head, 0, parent, frame);
        uint32_t fresh;
        struct stack_node *node;

        if (id != 0)
                return id;
        fresh = node_take(session, table, spare);
        if (fresh == 0)
                return 0;
        node = (struct stack_node *)stack_table_node(session, table, fresh);
        node->frame = frame;
        node->parent = parent;
        for (;;) {
                uint32_t seen = head;

                node->next = head;
                if (atomic_compare_exchange_strong_explicit(bucket, &head, fresh, memory_order_release,
                                                            memory_order_acquire))
                        return fresh;
                /* Somebody added in between: only what is new needs a look. */
                id = bucket_find(session, table, head, seen, parent, frame);
                if (id != 0) {
                        *spare = fresh;
                        return id;
                }
        }
}
