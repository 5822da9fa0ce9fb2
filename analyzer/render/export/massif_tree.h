/*
 * The heap tree of one of massif's snapshots: who holds the memory, and who called them, out to main.
 *
 * Must not: know when that was.
 */
#ifndef ANALYZER_RENDER_EXPORT_MASSIF_TREE_H
#define ANALYZER_RENDER_EXPORT_MASSIF_TREE_H

#include "base/intern.h"
#include "base/map.h"
#include "render/export/callstack.h"

struct massif_tree_node {
        uint64_t bytes;
        uint32_t parent; /* lower than its own number */
        uint32_t place;
        uint32_t first_child; /* by its place in the order; where child_count */
        uint32_t child_count;
};

struct massif_tree {
        const struct export_wish *wish;
        struct callstack callstack;
        struct intern places;           /* as massif writes them, over all trees */
        struct map known;               /* the frames' places, by where the frame is in memory */
        struct map map;                 /* parent and place to node */
        struct massif_tree_node *nodes; /* 0 is all memory */
        uint32_t *order;                /* the nodes by parent, what holds more first */
        size_t count, capacity;
};

/* For the state of the wish's trace. 0 or a negative errno already reported; to deinit on success alone. */
int massif_tree_init(struct massif_tree *tree, const struct export_wish *wish);
void massif_tree_deinit(struct massif_tree *tree);

/* So many bytes are held by a stack, which is told once. 0 or a negative errno already reported. */
int massif_tree_add(struct massif_tree *tree, uint32_t stack, uint64_t bytes);

/* What was added, after which the tree is empty. Results likewise. */
int massif_tree_write(struct massif_tree *tree, FILE *stream);

#endif
