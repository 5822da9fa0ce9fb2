/*
 * How long blocks had lived when they were freed, per site: all MTR_LIVES of a trace added up. They tell of
 * the whole run, because no instant can be told apart in them. Memory is bounded by the sites and the classes
 * of age that occur at each.
 *
 * Must not: know names, or what a report wants.
 */
#ifndef ANALYZER_REPLAY_LIFETIMES_H
#define ANALYZER_REPLAY_LIFETIMES_H

#include "replay/replay.h"

/* So many of a site's blocks lived that long. */
struct lifetimes_class {
        uint32_t site;
        uint32_t age_class; /* see format.h */
        uint64_t frees;
};

struct lifetimes_site {
        uint64_t frees;        /* those that are told of */
        uint64_t unknown;      /* of them: nobody knows how long they lived */
        uint64_t other_thread; /* of them: not by the thread that allocated the block */
        uint64_t temporary;    /* of them: before the same thread allocated again */
        uint64_t lived_ms;     /* all but the unknown ones together */
};

struct lifetimes {
        struct lifetimes_site *sites;
        size_t site_count;
        struct lifetimes_class *classes; /* by site, then by age; without the unknown ones */
        size_t class_count, classes_capacity;
        struct lifetimes_site all;
};

/* 0; a negative errno already reported; READER_E_BUDGET. To deinit on success alone. */
int lifetimes_read(struct trace *trace, struct lifetimes *lifetimes);
void lifetimes_deinit(struct lifetimes *lifetimes);

/* The classes of one site, and how many they are; NULL: none. */
const struct lifetimes_class *lifetimes_classes(const struct lifetimes *lifetimes, uint32_t site,
                                                size_t *count);

/*
 * From here on a temporary of the replay, which is of the whole run, is a block that was freed before its
 * thread made `most` + 1 more allocations; at most 14. Results as of lifetimes_read.
 */
int lifetimes_widen_temporary(struct replay *replay, unsigned most);

#endif
