/*
 * Memory for what the loader asks before the real allocator is known: a small arena that is never
 * given back. Its blocks are told by their address.
 */
#ifndef MEMTRACE_TRACER_BOOTSTRAP_H
#define MEMTRACE_TRACER_BOOTSTRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BOOTSTRAP_BYTES (64u << 10)

extern uint8_t bootstrap_arena[BOOTSTRAP_BYTES];

/* Zeroed memory of `size` bytes, aligned to `alignment` (a power of two; 16 at least). NULL with
 * errno ENOMEM when the arena is used up. Any thread, signal-safe. */
void *bootstrap_alloc(size_t alignment, size_t size);

/* What a block was asked for. */
size_t bootstrap_size(const void *block);

static inline bool bootstrap_owns(const void *block) {
        return (uintptr_t)block - (uintptr_t)bootstrap_arena < BOOTSTRAP_BYTES;
}

#endif
