/*
 * The unwinder's walk and its verified reuse: see walk.h. This is the hot path: one call for
 * each allocation.
 */
#include "tracer/walk.h"

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* Offsets in the frame a signal handler returns to: ucontext_t at rsp, uc_mcontext.gregs. */
enum { UCONTEXT_RBP = 120, UCONTEXT_RSP = 160, UCONTEXT_RIP = 168 };

static inline uint64_t load(uintptr_t address) {
        return *(const volatile uint64_t *)address;
}

static inline bool reachable(struct windows *windows, uintptr_t address) {
        if (UNLIKELY(address & 7) || address < windows->current.low)
                return false;
        if (LIKELY(address + 8 <= windows->current.high))
                return true;
        return window_extend(windows, address + 8);
}

static bool step_signal(struct windows *windows, struct frame *frame, uint32_t *rbp_slot) {
        uintptr_t context = frame->sp;
        struct frame up;

        if (!reachable(windows, context) || !reachable(windows, context + UCONTEXT_RIP))
                return false;
        up.ip = (load(context + UCONTEXT_RIP) & STACK_FRAME_ADDRESS_MASK) | FRAME_EXACT;
        up.sp = load(context + UCONTEXT_RSP);
        up.rbp = load(context + UCONTEXT_RBP);
        *rbp_slot = SLOT_UNPROVABLE;
        /* The interrupted code may have been on another stack: this one was the handler's. */
        if (!window_covers(windows, up.sp))
                window_switch(windows, up.sp, 0);
        *frame = up;
        return up.ip != FRAME_EXACT && reachable(windows, up.sp);
}

/* A step by a rule that is not CFI_SIMPLE; see step. */
static __attribute__((noinline)) bool step_rare(struct windows *windows, cfi_rule rule, struct frame *frame,
                                                uint32_t *rbp_slot) {
        uintptr_t cfa, slot;

        *rbp_slot = SLOT_NONE;
        switch (cfi_rule_base(rule)) {
        case CFI_RSP:
                cfa = frame->sp + (uintptr_t)cfi_rule_k(rule);
                break;
        case CFI_RBP:
                cfa = frame->rbp + (uintptr_t)cfi_rule_k(rule);
                break;
        case CFI_RBP_DEREF:
                slot = frame->rbp + (uintptr_t)cfi_rule_k(rule);
                *rbp_slot = SLOT_UNPROVABLE;
                if (slot < frame->sp || !reachable(windows, slot))
                        return false;
                cfa = load(slot);
                break;
        case CFI_SIGNAL:
                return step_signal(windows, frame, rbp_slot);
        default:
                return false;
        }
        /* Callers lie above: what does not is a smashed stack, and would also not end. */
        if (UNLIKELY(cfa <= frame->sp) || UNLIKELY(!reachable(windows, cfa - 8)))
                return false;

        switch (cfi_rule_rbp(rule)) {
        case CFI_RBP_SAME:
                break;
        case CFI_RBP_AT_CFA:
        case CFI_RBP_AT_RBP:
                slot = (cfi_rule_rbp(rule) == CFI_RBP_AT_CFA ? cfa : frame->rbp) +
                       (uintptr_t)cfi_rule_rbp_offset(rule);
                if (UNLIKELY(slot < frame->sp) || UNLIKELY(!reachable(windows, slot)))
                        return false;
                if (*rbp_slot == SLOT_NONE)
                        *rbp_slot = slot - frame->sp < SLOT_UNPROVABLE ? (uint32_t)(slot - frame->sp)
                                                                       : SLOT_UNPROVABLE;
                frame->rbp = load(slot);
                break;
        case CFI_RBP_UNKNOWN:
                *rbp_slot = SLOT_UNPROVABLE;
                frame->rbp = 0;
                break;
        }
        frame->ip = load(cfa - 8);
        frame->sp = cfa;
        return LIKELY(frame->ip != 0 && frame->ip <= STACK_FRAME_ADDRESS_MASK);
}

/*
 * Makes `frame` its caller's by `rule`; false where the stack ends or cannot be followed.
 * *rbp_slot: how the step can be proven again. Whether a function saves rbp, and what it counts from,
 * changes from frame to frame and is mispredicted as often: so the common rules take no branch on it.
 */
static inline __attribute__((always_inline)) bool step(struct windows *windows, cfi_rule rule,
                                                       struct frame *frame, uint32_t *rbp_slot) {
        uint64_t from_rbp = -(rule >> 1 & 1), saved = -(rule >> 3 & 1); /* CFI_RBP, CFI_RBP_AT_CFA */
        uintptr_t sp = frame->sp, rbp = frame->rbp, cfa, slot;

        _Static_assert(CFI_RSP == 1 && CFI_RBP == 2 && CFI_RBP_SAME == 0 && CFI_RBP_AT_CFA == 1,
                       "bits of the rule");
        if (UNLIKELY(!(rule & CFI_SIMPLE)))
                return step_rare(windows, rule, frame, rbp_slot);
        cfa = (sp ^ ((sp ^ rbp) & from_rbp)) + (uintptr_t)cfi_rule_k(rule);
        /* Where rbp is not saved, the word read for it is the return address's, and not used. */
        slot = cfa + (uintptr_t)cfi_rule_rbp_offset(rule) - (8 & ~saved);
        /* Callers lie above: what does not is a smashed stack, and would also not end. */
        if (UNLIKELY(cfa <= sp) || UNLIKELY(slot < sp) || UNLIKELY(!reachable(windows, cfa - 8)))
                return false;
        *rbp_slot = (uint32_t)(slot - sp) | (uint32_t)~saved;
        frame->rbp = (load(slot) & saved) | (rbp & ~saved);
        frame->ip = load(cfa - 8);
        frame->sp = cfa;
        return LIKELY(frame->ip - 1 < STACK_FRAME_ADDRESS_MASK);
}

/* The outermost index down to which kept[top] and what called it still stand. */
static inline uint32_t verify(const struct walk_level *level, uint32_t top) {
        uint32_t i = top;

        while (i > 0) {
                const struct kept_frame *inner = &level->kept[i], *outer = &level->kept[i - 1];

                if (UNLIKELY(inner->rbp_slot == SLOT_UNPROVABLE) ||
                    load(outer->frame.sp - 8) != outer->frame.ip)
                        break;
                if (inner->rbp_slot != SLOT_NONE &&
                    load(inner->frame.sp + inner->rbp_slot) != outer->frame.rbp)
                        break;
                i--;
        }
        return i;
}

static inline uint32_t intern(struct walker *walker, struct walk_level *level, uint32_t parent,
                              uint64_t frame) {
        uint32_t index =
                (uint32_t)(((frame ^ (uint64_t)parent << 32 ^ parent) * UINT64_C(0x9e3779b97f4a7c15)) >> 53);
        uint32_t id = walker->nodes[index].id;

        _Static_assert(WALK_NODE_CACHE == 1u << 11, "the index takes the top 11 bits");
        if (LIKELY(walker->nodes[index].frame == frame && walker->nodes[index].parent == parent && id != 0 &&
                   walker->nodes[index].id == id))
                return id;
        id = stack_table_intern(walker->session, &walker->process->stacks, parent, frame, &level->spare);
        walker->nodes[index].id = 0;
        walker->nodes[index].frame = frame;
        walker->nodes[index].parent = parent;
        walker->nodes[index].id = id;
        return id;
}

/* The frame as the stack table has it, with its module's generation. */
static uint64_t frame_of_stack(struct walker *walker, uint32_t stack_id) {
        return stack_table_node(walker->session, &walker->process->stacks, stack_id)->frame;
}

/* Gives every kept frame the id it has now that it hangs from another root; 0 when the table is full. */
static uint32_t intern_again(struct walker *walker, struct walk_level *level, uint32_t count) {
        uint32_t id = 0;

        for (uint32_t i = 0; i < count; i++) {
                id = intern(walker, level, id, frame_of_stack(walker, level->kept[i].stack_id));
                if (id == 0)
                        return 0;
                level->kept[i].stack_id = id;
        }
        return id;
}

/*
 * How many frames to keep of a stack that has grown past `limit`. A deep recursion would
 * otherwise move the outermost kept frame, and with it every id, at each step down: so a
 * long stack gives up a quarter at once. A short limit is what the user asked for: exactly that.
 */
static uint32_t kept_after_cut(uint32_t limit) {
        return limit < 64 ? limit : limit - limit / 4;
}

/* Below this a cut stack has come back up so far that what was left out must be seen again. */
static uint32_t refill_below(uint32_t limit) {
        return limit < 64 ? limit : limit / 2;
}

/*
 * Climbs from `frame` into level->fresh until it meets frames that are kept or the stack ends.
 * Returns how many of `kept` stand; *fresh_count frames are new.
 */
static inline uint32_t climb(struct walker *walker, struct walk_level *level, struct frame frame,
                             uint32_t limit, uint32_t *fresh_count, bool *cut) {
        uint32_t standing = level->count, fresh = 0;
        struct kept_frame *entry;
        cfi_rule rule;

        *cut = false;
        for (;;) {
                while (standing > 0 && level->kept[standing - 1].frame.sp < frame.sp)
                        standing--;
                if (standing > 0) {
                        const struct kept_frame *kept = &level->kept[standing - 1];

                        if (kept->frame.sp == frame.sp && kept->frame.ip == frame.ip &&
                            kept->frame.rbp == frame.rbp) {
                                uint32_t bottom = verify(level, standing - 1);

                                if (LIKELY(bottom == 0)) {
                                        *cut = level->cut;
                                        *fresh_count = fresh;
                                        return standing;
                                }
                                /* These stand, but what calls them has to be found again. */
                                while (standing > bottom + 1 && fresh < limit) {
                                        level->fresh[fresh] = level->kept[--standing];
                                        level->fresh[fresh++].generation =
                                                frame_of_stack(walker, level->kept[standing].stack_id) >> 48 &
                                                0x7fff;
                                }
                                frame = level->kept[--standing].frame;
                        }
                }
                if (fresh >= limit) {
                        *cut = true;
                        break;
                }
                rule = rules_find(walker->session, walker->process, &walker->rules, frame.ip);
                entry = &level->fresh[fresh++];
                entry->frame = frame;
                entry->generation = cfi_rule_generation(rule);
                if (!step(&level->windows, rule, &frame, &entry->rbp_slot))
                        break;
        }
        *fresh_count = fresh;
        return 0;
}

struct walk_level *walk_level(struct walker *walker, uint32_t index) {
        if (index >= WALK_LEVELS)
                return NULL;
        if (index >= walker->levels_used) {
                walker->levels_used = index + 1;
                walk_forget(walker, index);
        }
        return &walker->levels[index];
}

void walk_forget(struct walker *walker, uint32_t index) {
        for (; index < walker->levels_used; index++) {
                struct walk_level *level = &walker->levels[index];

                level->count = 0;
                for (uint32_t i = 0; i < WINDOW_COUNT; i++)
                        level->others[i] = (struct window){ 0 };
                level->windows = (struct windows){ .others = level->others };
        }
}

/* A dlclose has happened since: rules and kept frames may speak of what is no longer there. */
static void forget_unloaded(struct walker *walker, struct walk_level *level, uint32_t epoch) {
        if (walker->epoch != epoch) {
                for (uint32_t i = 0; i < RULES_CACHE; i++)
                        walker->rules.entries[i].rule = 0;
                walker->epoch = epoch;
        }
        level->count = 0;
        level->epoch = epoch;
}

uint32_t walk_backtrace(struct walker *walker, struct walk_level *level, uintptr_t hook_sp, uint32_t epoch) {
        const struct frame leaf = frame_of_caller(hook_sp);
        uint32_t limit = walker->process->depth, standing, fresh_count, id;
        bool cut;

        if (UNLIKELY(!level))
                return 0;
        if (UNLIKELY(level->epoch != epoch))
                forget_unloaded(walker, level, epoch);
        if (UNLIKELY(!window_covers(&level->windows, leaf.sp)))
                window_switch(&level->windows, leaf.sp, walker->stack_end);

        standing = climb(walker, level, leaf, limit, &fresh_count, &cut);
        if (UNLIKELY(cut) && standing > 0 && standing + fresh_count < refill_below(limit)) {
                level->count = 0;
                standing = climb(walker, level, leaf, limit, &fresh_count, &cut);
        }
        id = standing ? level->kept[standing - 1].stack_id : 0;
        if (UNLIKELY(standing + fresh_count > limit)) {
                uint32_t surplus = standing + fresh_count - kept_after_cut(limit);

                /* Where the new frames alone are too many, no kept one stays. */
                if (surplus > standing) {
                        fresh_count -= surplus - standing;
                        surplus = standing;
                }
                standing -= surplus;
                for (uint32_t i = 0; i < standing; i++)
                        level->kept[i] = level->kept[i + surplus];
                id = intern_again(walker, level, standing);
                if (id == 0 && standing > 0) /* full: see below */
                        fresh_count = standing = 0;
                cut = true;
        }
        level->cut = cut;
        level->count = standing + fresh_count;
        for (uint32_t i = standing; i < level->count; i++) {
                struct kept_frame *fresh = &level->fresh[level->count - 1 - i];

                id = intern(walker, level, id, fresh->frame.ip | (uint64_t)fresh->generation << 48);
                level->kept[i] = *fresh;
                level->kept[i].stack_id = id;
                /* The table is full: a path with a hole in it would be a wrong stack. */
                if (UNLIKELY(id == 0)) {
                        level->count = 0;
                        break;
                }
        }
        return id;
}

/* Whether a return address is in this library: then the frame is a hook's, or what a hook called. */
static bool is_ours(uint64_t ip) {
        extern const char __ehdr_start[] __attribute__((visibility("hidden")));
        extern const char etext[] __attribute__((visibility("hidden")));
        uintptr_t address = ip & STACK_FRAME_ADDRESS_MASK;

        return address >= (uintptr_t)__ehdr_start && address < (uintptr_t)etext;
}

/*
 * Climbs from the hook. Its own caller's frame is where a hook returns to: reached from a hook, that hook
 * is still at work under us. A step by another function over that place, and that function has it now.
 */
uint32_t walk_standing(struct walker *walker, uint32_t count, uintptr_t hook_sp, const uintptr_t *hooks) {
        struct frame frame = frame_of_caller(hook_sp), from;
        struct windows windows = { 0 }; /* no level is ours yet */
        uint32_t rbp_slot;
        cfi_rule rule;

        window_switch(&windows, frame.sp, walker->stack_end);
        for (uint32_t i = 0; i < WALK_DEPTH_MAX; i++) {
                rule = rules_find(walker->session, walker->process, &walker->rules, frame.ip);
                from = frame;
                if (!step(&windows, rule, &frame, &rbp_slot))
                        return cfi_rule_base(rule) == CFI_OUTERMOST || frame.ip == 0 ? 0 : count;
                if (cfi_rule_base(rule) == CFI_SIGNAL)
                        continue;
                for (uint32_t hook = count; hook-- > 0;) {
                        uintptr_t back = frame_sp_of_caller(hooks[hook]);

                        if (from.sp >= back || back > frame.sp)
                                continue;
                        if (frame.sp == back && is_ours(from.ip))
                                return hook + 1;
                        count = hook;
                }
        }
        return count;
}

void walk_reset(struct walker *walker, struct session *session, struct process *process,
                uintptr_t stack_end) {
        walker->session = session;
        walker->process = process;
        walker->stack_end = stack_end;
        (void)walk_level(walker, 0);
        walk_forget(walker, 0);
}
