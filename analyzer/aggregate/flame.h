/*
 * The tree that a flame graph draws: whole stacks, laid over each other from the oldest frame on (or from the
 * frame that is charged, inverted), with what each frame and all above it hold, now and in an earlier state.
 *
 * Must not: know pixels, or print.
 */
#ifndef ANALYZER_AGGREGATE_FLAME_H
#define ANALYZER_AGGREGATE_FLAME_H

#include "aggregate/difference.h"

#define FLAME_ROOT 0u /* of flame.frames */

struct flame_wish {
        enum aggregate_by by;     /* what makes two frames one: line, function, file or module */
        enum aggregate_sort sort; /* of siblings: all but AGGREGATE_BY_AVERAGE */
        bool by_count;            /* frames are as wide as their counts, not as their sizes */
        bool inverted;
        bool fold_recursion; /* a frame that calls itself is there once */
};

/* In preorder. */
struct flame_frame {
        const struct symbol_frame *frame; /* the first that was met of its place; NULL: the root */
        uint32_t parent;                  /* in flame.frames; the root's own is itself */
        uint32_t depth;                   /* the root's is 0 */
        uint32_t least_line, most_line;   /* of its function there; 0: none is known */
        bool inlined;                     /* in every stack through it */
        bool left_out; /* not a frame: what is left out above its parent, `frames_left` of them */
        uint64_t frames_left;
        struct compare_value self, all;             /* of stacks that end there; of all through it */
        struct compare_value earlier_self, earlier; /* the same of the earlier state */
        uint64_t width; /* of all: what it holds, or of stacks that hold nothing any more what they did */
};

struct flame {
        struct flame_wish wish;
        struct flame_frame *frames; /* after flame_finish */
        size_t count, shown;        /* `shown`: without those that stand for what is left out */
        uint64_t frames_left;       /* so many frames are too narrow, or beyond the limit */
        uint64_t least_width;       /* as wide are those that are shown at least */
        uint64_t most_change;       /* of any frame, in what widths are of */
        uint32_t depth;             /* the deepest frame's */
        /* private */
        struct keys keys;
        struct flame_sum *sums; /* by node of the keys, behind the root */
        size_t sum_count, sums_capacity;
        struct charge_frames path;
        const struct aggregate_node **steps; /* by frame of the path */
        size_t steps_capacity;
};

/* What widths are of. */
static inline uint64_t flame_measure(const struct flame *flame, struct compare_value value) {
        return flame->wish.by_count ? value.count : value.size_bytes;
}

/* By how much it has changed, either way. */
static inline uint64_t flame_change(const struct flame *flame, const struct flame_frame *frame) {
        return difference_distance(flame_measure(flame, frame->earlier), flame_measure(flame, frame->all));
}

void flame_init(struct flame *flame, const struct flame_wish *wish);
void flame_deinit(struct flame *flame);

/*
 * A path's stacks hold `now`, and held `earlier`. The names must outlive the flame, the paths need not. 0 or
 * a negative errno already reported.
 */
int flame_add(struct flame *flame, const struct aggregate *paths, uint32_t node, struct compare_value now,
              struct compare_value earlier);

/*
 * Adds up, leaves out what is less than `least_share` of all wide, then the narrowest and deepest beyond
 * `limit`, and puts the rest in order. 0 or a negative errno already reported.
 */
int flame_finish(struct flame *flame, double least_share, size_t limit);

#endif
