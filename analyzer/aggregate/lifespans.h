/*
 * How long the blocks of each place lived: entries as in aggregate.h, of all blocks ever allocated, and for
 * each what became of them. Ages are known by class, so a quantile is a time that so many blocks lived less
 * than.
 *
 * Must not: replay, or print.
 */
#ifndef ANALYZER_AGGREGATE_LIFESPANS_H
#define ANALYZER_AGGREGATE_LIFESPANS_H

#include "aggregate/aggregate.h"
#include "replay/lifetimes.h"

enum lifespans_sort {
        LIFESPANS_BY_FREES,
        LIFESPANS_BY_MEAN,
        LIFESPANS_BY_NEVER, /* never freed */
        LIFESPANS_BY_SIZE,  /* bytes ever allocated */
        LIFESPANS_BY_PLACE,
};

/* What the option calls them; ends with NULL. */
extern const char *const lifespans_sort_names[];

struct lifespan {
        uint64_t frees, never_freed; /* of all blocks: what the events say */
        struct lifetimes_site told;  /* of those that were freed: what the trace says of lives */
        uint64_t *classes;           /* frees by age class, from first_class on; heap */
        uint32_t first_class, class_count;
};

struct lifespans {
        struct aggregate aggregate;
        enum lifespans_sort sort;
        struct lifespan *spans; /* by an entry's node */
        size_t count, capacity;
        struct lifespan all;
};

/*
 * `replay` is from the beginning to the end, `wish` is without cost and order. The spans are the caller's to
 * deinit on success alone. 0 or a negative errno already reported.
 */
int lifespans_make(const struct replay *replay, const struct lifetimes *lifetimes, struct charge *charge,
                   const struct aggregate_wish *wish, enum lifespans_sort sort, struct lifespans *out);
void lifespans_deinit(struct lifespans *lifespans);

static inline const struct lifespan *lifespans_of(const struct lifespans *lifespans,
                                                  const struct aggregate_entry *entry) {
        return &lifespans->spans[entry->node];
}

/* How many blocks' lives are known. */
static inline uint64_t lifespan_known(const struct lifespan *span) {
        return span->told.frees - span->told.unknown;
}

/* Milliseconds; 0 where no life is known. */
double lifespan_mean_ms(const struct lifespan *span);

/*
 * The least number of milliseconds, among those that ages are classed by, that `percent` of the blocks lived
 * less than; 0 where no life is known.
 */
uint64_t lifespan_below_ms(const struct lifespan *span, unsigned percent);

#endif
