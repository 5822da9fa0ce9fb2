/*
 * The stacks of several traces, each of them once, in frames of its own: so that traces can be closed one by
 * one. Two stacks are the same where their frames' modules, files, functions and lines are. Memory is bounded
 * by the different stacks.
 *
 * Must not: know what they hold.
 */
#ifndef ANALYZER_JUDGE_STACKS_H
#define ANALYZER_JUDGE_STACKS_H

#include "aggregate/charge.h"
#include "aggregate/key.h"

/* A stack, and what of it answers for its memory. */
struct stacks_stack {
        uint32_t node;    /* of keys.nodes: its most recent frame; of the empty stack that is <unknown> */
        uint32_t charged; /* of keys.nodes: the frame that answers, the node itself or one further out */
        uint8_t kind;     /* enum mtr_site_kind of the first allocation there, or as stacks_domain has it */
        uint32_t suppression; /* its number, or one of these */
};

#define STACKS_NOT_ASKED UINT32_MAX /* whether it is suppressed, nobody has decided yet */
#define STACKS_NOT_SUPPRESSED (UINT32_MAX - 1)

#define STACKS_DOMAINS_MAX (MTR_DOMAIN_MAX - 1u)

struct stacks {
        struct keys keys;                        /* of frames; the nodes are what stacks are made of */
        const char *domains[STACKS_DOMAINS_MAX]; /* of all traces */
        size_t domain_count;
        struct stacks_stack *items;
        size_t count, capacity;
        /* private */
        struct map by_path;  /* (node, kind) to item */
        struct map by_text;  /* what a frame is, as a number, to own frame */
        struct map by_frame; /* of the trace, by address, to own frame */
        struct symbol_frame **frames;
        size_t frame_count, frames_capacity;
        struct charge_frames path, own;
};

void stacks_init(struct stacks *stacks);
void stacks_deinit(struct stacks *stacks);

/* What follows is of another trace: its frames may lie where those of the one before did. */
void stacks_begin(struct stacks *stacks);

/*
 * The kind of what was allocated in the domain of that name, whatever number it has in its trace. Beyond
 * STACKS_DOMAINS_MAX of them the others have one kind and no name. 0 or -ENOMEM.
 */
int stacks_domain(struct stacks *stacks, const char *name, uint8_t *kind);

/* Of a stack; NULL: it is of no domain, or of one without a name here. */
const char *stacks_domain_name(const struct stacks *stacks, uint32_t number);

/*
 * The number of a trace's stack among `items`, which is the same for what was allocated there by functions
 * of one kind. 0 or a negative errno already reported.
 */
int stacks_take(struct stacks *stacks, struct charge *charge, uint32_t stack, uint8_t kind, uint32_t *number);

/*
 * The number of a stack of these frames, the most recent first, of which frames[charged] answers; they are
 * copied. 0 or -ENOMEM.
 */
int stacks_put(struct stacks *stacks, const struct charge_frames *frames, size_t charged, uint8_t kind,
               uint32_t *number);

/*
 * The frames of a stack, the most recent first; `out` is reused from call to call and the caller's to free.
 * 0 or -ENOMEM.
 */
int stacks_frames(const struct stacks *stacks, uint32_t number, struct charge_frames *out);

/*
 * Which of two stacks comes first by its frames' names, the most recent frame's first: threads that ran in
 * another order give stacks other numbers, and nothing that is shown may depend on those.
 */
int stacks_order(const struct stacks *stacks, uint32_t left, uint32_t right);

static inline bool stacks_is_suppressed(const struct stacks *stacks, uint32_t number) {
        return stacks->items[number].suppression < STACKS_NOT_SUPPRESSED;
}

/* The frame that answers. */
static inline const struct symbol_frame *stacks_charged(const struct stacks *stacks, uint32_t number) {
        return stacks->keys.nodes[stacks->items[number].charged].frame;
}

/* How many frames of the stack are within it. */
static inline size_t stacks_inner(const struct stacks *stacks, uint32_t number) {
        const struct aggregate_node *nodes = stacks->keys.nodes;

        return nodes[stacks->items[number].node].depth - nodes[stacks->items[number].charged].depth;
}

#endif
