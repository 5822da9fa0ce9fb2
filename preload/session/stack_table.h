/*
 * The stack table: every distinct backtrace of a process as a path in a tree of nodes
 * (parent, address), in the session, so that a record carries one id and the collector can
 * read what it means. Append-only and lock-free: a node is filled, then linked into its bucket
 * by CAS, and never changes.
 *
 * Node ids count from 1; 0 is the empty stack. Ids taken and then found to be duplicates are handed
 * back to the caller as spare, so ids stay dense up to one spare a thread.
 */
#ifndef MEMTRACE_SESSION_STACK_TABLE_H
#define MEMTRACE_SESSION_STACK_TABLE_H

#include <stdatomic.h>
#include <stdint.h>

#include "session/session.h"

#define STACK_BUCKETS (1u << 17)
#define STACK_NODES_PER_CHUNK (CHUNK_BYTES / sizeof(struct stack_node))
#define STACK_NODE_CHUNKS 1024u

/*
 * frame: bits 47..0 address, 62..48 generation of its module (see struct module), bit 63 set
 * when it is the very instruction (a signal interrupted it), clear for a return address.
 */
#define STACK_FRAME_ADDRESS_MASK ((UINT64_C(1) << 48) - 1)
#define STACK_FRAME_EXACT (UINT64_C(1) << 63)

struct stack_node {
        uint64_t frame;
        uint32_t parent; /* id of the stack it was called from */
        uint32_t next;   /* id of the next node in its bucket; only the table reads it */
};
_Static_assert(sizeof(struct stack_node) == 16, "four to a cache line");

struct stack_table {
        _Atomic uint32_t node_count; /* ids handed out, id 0 among them */
        _Atomic uint32_t
                node_chunks[STACK_NODE_CHUNKS];  /* chunk of a struct stack_node array, CHUNK_NONE: not yet */
        _Atomic uint32_t buckets[STACK_BUCKETS]; /* newest node of each */
};

/*
 * The id of (parent, frame), added if new. *spare: an id this caller holds in reserve, 0 for
 * none; private to the calling thread and nesting level. 0 when the table is full. Lock-free,
 * async-signal-safe, a syscall only when a chunk of nodes is opened; errno kept.
 */
uint32_t stack_table_intern(struct session *session, struct stack_table *table, uint32_t parent,
                            uint64_t frame, uint32_t *spare);

/* The node of an id that was seen in a record or as a parent. Any process of the session. */
static inline const struct stack_node *stack_table_node(struct session *session, struct stack_table *table,
                                                        uint32_t id) {
        uint32_t chunk =
                atomic_load_explicit(&table->node_chunks[id / STACK_NODES_PER_CHUNK], memory_order_relaxed);
        struct stack_node *nodes = session_chunk(session, chunk);

        return &nodes[id % STACK_NODES_PER_CHUNK];
}

#endif
