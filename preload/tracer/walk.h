/*
 * Backtraces: from the registers at a hook's entry to a stack id. Each thread keeps its last
 * stack; a new walk climbs from the new innermost frame only until it meets a kept frame, and the
 * rest is proven by loads: every kept return slot and saved-rbp slot above that still holds
 * its value makes the frame above it the same, because each step is a function of exactly
 * those words. A mismatch only means walking on. Nothing on the stack is ever written.
 *
 * Runs in any thread of the traced program, also in signal handlers nested in a walk (they use
 * a level of their own). No lock, no libc call; a syscall only where window.h says so.
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
#define WALK_LEVELS 4u
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

/* The frame of who called a hook: its frame address is where it saved the caller's rbp, under its return. */
static inline uintptr_t frame_sp_of_caller(uintptr_t hook_sp) {
        return hook_sp + 2 * sizeof(uintptr_t);
}

static inline struct frame frame_of_caller(uintptr_t hook_sp) {
        const uintptr_t *saved = (const uintptr_t *)hook_sp;

        return (struct frame){ .ip = saved[1], .sp = frame_sp_of_caller(hook_sp), .rbp = saved[0] };
}

struct kept_frame {
        struct frame frame;
        uint32_t rbp_slot;
        union {
                uint32_t stack_id;   /* in `kept`: of the stack that ends in this frame */
                uint32_t generation; /* in `fresh`: of the module it is in */
        };
};

struct walk_level {
        uint32_t count; /* of `kept` */
        uint32_t epoch; /* unloads seen when `kept` was made */
        uint32_t spare; /* stack id held in reserve */
        bool cut;       /* frames outside of kept[0] were left out for the depth limit */
        struct windows windows;
        struct window others[WINDOW_COUNT];      /* of `windows` */
        struct kept_frame kept[WALK_DEPTH_MAX];  /* outermost first */
        struct kept_frame fresh[WALK_DEPTH_MAX]; /* of the walk under way, innermost first */
};

struct walker {
        struct session *session;
        struct process *process;
        uintptr_t stack_end;  /* of the thread's own stack, 0 unknown */
        uint32_t epoch;       /* unloads seen when `rules` was last emptied */
        uint32_t levels_used; /* the others' pages were never touched */
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

/* The level of a hook nested in `index` others, NULL when that is too deep. */
struct walk_level *walk_level(struct walker *walker, uint32_t index);

/* Levels from `index` on are free, and may be half written. */
void walk_forget(struct walker *walker, uint32_t index);

/*
 * The stack id of the backtrace of who called the hook with this frame address, 0 when none can be had.
 * `level`: the hook's own, NULL for none. `epoch`: unloads so far.
 */
uint32_t walk_backtrace(struct walker *walker, struct walk_level *level, uintptr_t hook_sp, uint32_t epoch);

/*
 * Of `count` hooks that were recording, by their frame addresses and the outermost first, how many the hook
 * at `hook_sp` is nested in: the others were jumped out of. Where its stack cannot be followed that far, all.
 */
uint32_t walk_standing(struct walker *walker, uint32_t count, uintptr_t hook_sp, const uintptr_t *hooks);

/* Start over for a thread of `process`: keeps what is true of the process. */
void walk_reset(struct walker *walker, struct session *session, struct process *process, uintptr_t stack_end);

#endif
