/*
 * What snapshot_merge.c and those who merge single tables hold in common.
 *
 * For state/snapshot_merge*.c alone.
 */
#ifndef ANALYZER_STATE_SNAPSHOT_MERGE_PARTS_H
#define ANALYZER_STATE_SNAPSHOT_MERGE_PARTS_H

#include "base/map.h"
#include "state/snapshot_merge.h"
#include "state/snapshot_parts.h"
#include "state/used.h"

struct snapshot_merge {
        struct snapshot into;
        struct map chains; /* (what came before, a number) to a number: a key of any length */
        struct map values; /* addresses and sizes, each to a number */
        struct map kinds;  /* of sites: (size, kind) to a number */
        /* what is told of a row to its number */
        struct map builds, paths, named; /* modules */
        struct map looked_up, frames;
        struct map stacks, sites, threads, pairs;
        bool names_changed; /* a module stands for several builds, and frames have names of one */
        struct summary sum; /* figures alone */
        size_t count;       /* of states */
        bool lacks_highs, lacks_threads;
        bool takes_heap, has_domains; /* of the states any */
};

/* A state that is being taken over. */
struct snapshot_merge_from {
        const struct state *state;
        struct used used; /* numbers of what is used become those of the merged rows, table by table */
        uint8_t domains[MTR_DOMAIN_MAX + 1]; /* by number: the merged one's */
        uint32_t *builds;                    /* by module: a number for its path and build-id; heap */
};

/* Goes from a key to that which has one number more; begins with one of these. 0 or -ENOMEM. */
int snapshot_merge_chain(struct snapshot_merge *merge, uint32_t *key, uint32_t number);

/* Of figures that a snapshot can tell, one more. */
uint64_t snapshot_merge_sum(uint64_t one, uint64_t other);

/* Scopes of which one half is missing, and their names. 0 or a negative errno already reported. */
int snapshot_merge_scopes(struct snapshot *into, const struct summary_scopes *more);

/* The number of an address or a size. 0 or -ENOMEM. */
int snapshot_merge_value(struct snapshot_merge *merge, uint64_t value, uint32_t *number);

enum { SNAPSHOT_MERGE_BUILD, SNAPSHOT_MERGE_FRAME };

/*
 * The tables, in this order. Each 0 or a negative errno already reported.
 */
int snapshot_merge_domains(struct snapshot_merge *merge, struct snapshot_merge_from *from);
int snapshot_merge_modules(struct snapshot_merge *merge, struct snapshot_merge_from *from);
int snapshot_merge_frames(struct snapshot_merge *merge, struct snapshot_merge_from *from);
int snapshot_merge_stacks(struct snapshot_merge *merge, struct snapshot_merge_from *from);
int snapshot_merge_sites(struct snapshot_merge *merge, struct snapshot_merge_from *from);
int snapshot_merge_threads(struct snapshot_merge *merge, struct snapshot_merge_from *from);

/* What no thread is known to have of a site is nobody's; once all is there. Likewise. */
int snapshot_merge_settle_threads(struct snapshot_merge *merge);

/* That the heap is one of the domains, where there are any; once all is there. Likewise. */
int snapshot_merge_settle_domains(struct snapshot_merge *merge);

/* The moment, the process and the totals, and once all is there. Likewise. */
int snapshot_merge_facts(struct snapshot_merge *merge, const struct state *state);
int snapshot_merge_settle_facts(struct snapshot_merge *merge);

#endif
