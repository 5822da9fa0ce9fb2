/*
 * What is added up together: a frame's line, function, file or module, or the frames of a whole
 * stack, each as one number, counted on from 0.
 *
 * Must not: add anything up.
 */
#ifndef ANALYZER_AGGREGATE_KEY_H
#define ANALYZER_AGGREGATE_KEY_H

#include "aggregate/aggregate.h"
#include "aggregate/charge.h"
#include "base/intern.h"
#include "base/map.h"

struct keys {
        enum aggregate_by by;
        struct intern texts;
        struct map by_frame;                /* struct symbol_frame to place */
        struct map by_name;                 /* a frame's texts to a number */
        struct map by_module;               /* such a number and a module's: AGGREGATE_FRAME alone */
        struct map by_place;                /* what the place is of, by the numbers of its texts */
        struct map by_node;                 /* (parent, place) to node */
        const struct symbol_frame **places; /* the first frame of each */
        size_t place_count, places_capacity;
        struct aggregate_node *nodes;
        size_t node_count, nodes_capacity;
};

void keys_deinit(struct keys *keys);

/* The number of the frame's place. 0 or -ENOMEM. */
int keys_place(struct keys *keys, const struct symbol_frame *frame, uint32_t *number);

/* What makes a place another one, in 64 bits, by the names of an entry for it. 0 or -ENOMEM. */
int keys_key(struct keys *keys, const struct aggregate_entry *entry, uint64_t *key);

/* The number of the node that ends the path of these frames' places. 0 or -ENOMEM. */
int keys_path(struct keys *keys, const struct charge_frames *frames, uint32_t *number);

/* The names that an entry for the frame bears. */
struct aggregate_entry keys_entry(enum aggregate_by by, const struct symbol_frame *frame);

#endif
