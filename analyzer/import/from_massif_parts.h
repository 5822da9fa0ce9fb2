/*
 * What the reader of massif's files knows so far. For import/from_massif*.c alone.
 */
#ifndef ANALYZER_IMPORT_FROM_MASSIF_PARTS_H
#define ANALYZER_IMPORT_FROM_MASSIF_PARTS_H

#include "base/intern.h"
#include "base/map.h"
#include "import/from_massif.h"
#include "import/sites.h"

/* What a place holds: a block of that site. */
struct from_massif_held {
        uint64_t bytes;
        uint32_t stack, site;
        bool stays; /* it is held at the next moment too */
};

struct from_massif_places {
        struct from_massif_held *items;
        size_t count, capacity;
};

/* A node of the tree that is open. */
struct from_massif_node {
        uint64_t children; /* yet to come */
        uint32_t frame;
};

struct from_massif {
        struct input *input;
        struct writer *writer;
        struct sites sites;

        /* the snapshot that is being read */
        bool open, has_tree;
        uint64_t number, time, heap_bytes;
        struct from_massif_node nodes[MTR_STACK_DEPTH_MAX + 1];
        size_t depth; /* of the last node; 0: the root's, or none yet */
        bool rooted;
        struct from_massif_places found;

        struct from_massif_places held; /* at the last moment, by place */
        struct from_massif_places rest; /* and without one, the latest last */

        uint64_t per_ms; /* of the file's times */
        struct intern labels;
        uint32_t *frames; /* by label: the frame + 1, or 0 */
        size_t frames_count, frames_capacity;
        struct map modules; /* by text of `labels` */
        struct map stacks;  /* by caller and frame */
};

/* from_massif_moment.c: the snapshot is whole, and what is held becomes what it says. */
int from_massif_moment(struct from_massif *massif);
void from_massif_moment_deinit(struct from_massif *massif);

/* massif_tree.c: a line of the tree. */
int from_massif_node(struct from_massif *massif);
/* Whether all of the tree has been read. */
bool from_massif_tree_is_whole(const struct from_massif *massif);
void from_massif_tree_deinit(struct from_massif *massif);

int from_massif_wrong(const struct from_massif *massif);

#endif
