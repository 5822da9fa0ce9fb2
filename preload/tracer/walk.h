/*
 * Backtraces: from the registers at a hook's entry to a stack id. Each thread keeps its last
 * stack; a new walk climbs from the new innermost frame only until it meets a kept frame, and the
 * rest is proven by loads: every kept return slot and saved-rbp slot above that still holds
 * its value makes the frame above it the same, because each step is a function of exactly
 * those words. A mismatch only means walking on. Nothing on the stack is ever written.
 *
 * Runs in any thread of the traced program, also in signal handlers nested in a walk (they use
 * the next level). No lock, no libc call; a syscall only where window.h says so.
 */
#ifndef MEMTRACE_TRACER_WALK_H
#define MEMTRACE_TRACER_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include <memtrace/format.h>

#include "session/process.h"
#include "tracer/rules.h"
#include "tracer/window.h"

#define WALK_DEPTH_MAX MTR_STACK_DEPTH_MAX
#define WALK_LEVELS 2u
#define WALK_NODE_CACHE 2048u

/* The registers in a function at the moment of its call (or interruption, FRAME_EXACT). */
struct frame {
        uint64_t ip;
        uintptr_t sp;
        uintptr_t rbp;
};

/* `rbp_slot` of a kept frame: bytes from its sp to where its caller's rbp is saved, or: */
#define SLOT_NONE UINT32_MAX             /* rbp is the same in the caller */
#define SLOT_UNPROVABLE (UINT32_MAX - 1) /* the step read other words: it must be made again */

struct kept_frame {
        struct frame frame;
        uint32_t rbp_slot;
        union {
                uint32_t stack_id;   /* in `kept`: of the stack that ends in this frame */
                uint32_t generation; /* in `fresh`: of the module it is in */
        };
};

struct walk_level {
        uintptr_t owner; /* sp of the hook that is using this level; 0: free */
        uint32_t count;  /* of `kept` */
        uint32_t epoch;  /* unloads seen when `kept` was made */
        bool cut;        /* frames outside of kept[0] were left out for the depth limit */
        uint32_t spare;  /* stack id held in reserve */
        struct windows windows;
        struct kept_frame kept[WALK_DEPTH_MAX];  /* outermost first */
        struct kept_frame fresh[WALK_DEPTH_MAX]; /* of the walk under way, innermost first */
};

struct walker {
        struct session *session;
        struct process *process;
        uintptr_t stack_end; /* of the thread's own stack, 0 unknown */
        uint32_t epoch;      /* unloads seen when `rules` was last emptied */
        struct rules_cache rules;
        /* Ids of (parent, frame). `id` is read first and last, and written 0, the others, id: a handler
         * that replaces the entry in between is seen as a miss. */
        struct {
                volatile uint64_t frame;
                volatile uint32_t parent;
                volatile uint32_t id;
        } nodes[WALK_NODE_CACHE];
        struct walk_level levels[WALK_LEVELS];
};

/*
 * The stack id of the backtrace whose innermost frame has these registers, 0 when none can be had.
 * `hook_sp`: the caller's own stack pointer. `epoch`: unloads so far.
 */
uint32_t walk_backtrace(struct walker *walker, uint64_t ip, uintptr_t sp, uintptr_t rbp, uintptr_t hook_sp,
                        uint32_t epoch);

/* Start over for a thread of `process`: keeps what is true of the process. */
void walk_reset(struct walker *walker, struct session *session, struct process *process, uintptr_t stack_end);

#endif
