/*
 * What was allocated, by stack, added up over as many traces as it is given; and the same by place.
 *
 * Must not: know limits.
 */
#ifndef ANALYZER_JUDGE_LEDGER_H
#define ANALYZER_JUDGE_LEDGER_H

#include "aggregate/aggregate.h"
#include "judge/stacks.h"

/* Sums stay at 2^64 - 1 where a crafted trace goes beyond. */
struct ledger_sums {
        uint64_t leaked_bytes, leaked_blocks; /* held at the end */
        uint64_t peak_bytes, peak_blocks;     /* held when all together held most */
        uint64_t total_bytes, allocations;    /* ever allocated */
        uint64_t temporary_bytes, temporary;  /* freed before the same thread allocated again */
};

struct ledger {
        const struct stacks *stacks;
        struct ledger_sums *sums; /* by stack */
        size_t count, capacity;
        struct ledger_sums all;
        struct ledger_sums suppressed; /* a part of `all` */
};

/* Adds `more` to the sums. */
void ledger_sums_add(struct ledger_sums *sums, const struct ledger_sums *more);

void ledger_init(struct ledger *ledger, const struct stacks *stacks);
void ledger_deinit(struct ledger *ledger);

/* Whether the stack is suppressed is decided before. 0 or -ENOMEM. */
int ledger_add(struct ledger *ledger, uint32_t stack, const struct ledger_sums *sums);

/* A place: all stacks that one frame answers for, as far as it goes by the keys. */
struct ledger_place {
        const struct symbol_frame
                *frame;                /* of its largest stack; NULL: the ledger has nothing of the place */
        uint32_t largest;              /* that stack */
        struct ledger_sums sums;       /* with what is suppressed */
        struct ledger_sums suppressed; /* a part of that */
};

struct ledger_places {
        struct ledger_place *items; /* by the keys' numbers */
        size_t count;
};

/* What of the sums a place's largest stack is told by. */
typedef uint64_t ledger_measure(const struct ledger_sums *sums);

/*
 * `keys` are by line, function, file or module, and may be those of other ledgers of the same stacks; both
 * must outlive the places. 0 or a negative errno already reported; to deinit on success alone.
 */
int ledger_places_make(const struct ledger *ledger, struct keys *keys, ledger_measure *measure,
                       struct ledger_places *places);
void ledger_places_deinit(struct ledger_places *places);

/* A frame's place as tables have it. Heap; NULL: no memory. */
char *ledger_place_name(const struct keys *keys, const struct symbol_frame *frame);

#endif
