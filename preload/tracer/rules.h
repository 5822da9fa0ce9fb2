/*
 * The unwind rule of each return address seen, kept so that .eh_frame is read once per
 * address: a small table private to a thread in front of one for the process, which lives in
 * the session beside the process's entry. Lock-free; any thread, signal-safe.
 */
#ifndef MEMTRACE_TRACER_RULES_H
#define MEMTRACE_TRACER_RULES_H

#include <stdatomic.h>
#include <stdint.h>

#include "session/process.h"
#include "tracer/cfi.h"

#define RULES_CACHE 1024u

/* An address as walks carry it: bit 63 set for the very instruction, clear for a return address. */
#define FRAME_EXACT STACK_FRAME_EXACT

/*
 * Private to one thread and the handlers nested in it. `rule` is read before `key`, and written
 * 0, key, rule: a handler that replaces the entry in between is seen as a miss.
 */
struct rules_cache {
        struct {
                volatile uint64_t key;
                volatile cfi_rule rule;
        } entries[RULES_CACHE];
};

/* The rule of `address` (with FRAME_EXACT or not), by the process's table or from .eh_frame. */
cfi_rule rules_find_slow(struct session *session, struct process *process, uint64_t address);

/*
 * While above 0, what this thread finds is not shared: it is inside a dlclose, whose destructors are code
 * about to go. A handler sees it too. Of this thread alone.
 */
extern __thread uint32_t rules_unshared __attribute__((tls_model("initial-exec")));

/* Forget the rules of a range. */
void rules_forget(struct session *session, struct process *process, uintptr_t start, uintptr_t end);

static inline cfi_rule rules_find(struct session *session, struct process *process, struct rules_cache *cache,
                                  uint64_t address) {
        uint32_t index = (uint32_t)((address * UINT64_C(0x9e3779b97f4a7c15)) >> 54);
        cfi_rule rule = cache->entries[index].rule;

        _Static_assert(RULES_CACHE == 1u << 10, "the index takes the top 10 bits");
        if (__builtin_expect(cache->entries[index].key == address && rule != 0, 1))
                return rule;
        rule = rules_find_slow(session, process, address);
        cache->entries[index].rule = 0;
        cache->entries[index].key = address;
        cache->entries[index].rule = rule;
        return rule;
}

#endif
