/*
 * From counts per site to entries a person compares: one for each line, function, file, module,
 * traceback, range of sizes, thread or domain, ordered as tracemalloc orders.
 *
 * Must not: replay, or print.
 */
#ifndef ANALYZER_AGGREGATE_AGGREGATE_H
#define ANALYZER_AGGREGATE_AGGREGATE_H

#include "aggregate/charge.h"
#include "aggregate/filter.h"
#include "replay/replay.h"

#include <string.h>

#define AGGREGATE_NO_NODE UINT32_MAX

enum aggregate_cost {
        AGGREGATE_LIVE,      /* held at the instant */
        AGGREGATE_LEAKED,    /* held at the end */
        AGGREGATE_TOTAL,     /* ever allocated */
        AGGREGATE_COUNT,     /* the same, ordered by calls */
        AGGREGATE_TEMPORARY, /* freed before the same thread allocated again */
};

enum aggregate_by {
        AGGREGATE_LINE,
        AGGREGATE_FUNCTION,
        AGGREGATE_FILE,
        AGGREGATE_MODULE,
        AGGREGATE_TRACEBACK,
        AGGREGATE_SIZE,   /* of one block, by power of two */
        AGGREGATE_THREAD, /* that allocated it; of a replay by thread */
        AGGREGATE_DOMAIN, /* whose heap it is in */
        /* without a name, for commands alone */
        AGGREGATE_FUNCTION_LINE, /* a line as part of one function: templates and macros share lines */
        AGGREGATE_FRAME,         /* the same as part of one module too: all that a frame is told by */
};

enum aggregate_sort { AGGREGATE_BY_SIZE, AGGREGATE_BY_COUNT, AGGREGATE_BY_AVERAGE, AGGREGATE_BY_PLACE };

/* What the options call them; each ends with NULL. */
extern const char *const aggregate_cost_names[], *const aggregate_by_names[], *const aggregate_sort_names[];

/* For a caller who adds up more of each entry than its blocks. */
struct aggregate_also {
        /* The site counts in the entry with that node; 0 or -ENOMEM. A site comes to an entry once. */
        int (*add)(void *context, uint32_t node, uint32_t site);
        void *context;
};

struct aggregate_wish {
        enum aggregate_cost cost;
        enum aggregate_by by;
        enum aggregate_sort sort;
        bool cumulative; /* charge each frame of a stack, once; not with tracebacks or sizes */
        bool paths;      /* all places of a stack are one entry, as lines are with AGGREGATE_TRACEBACK */
        unsigned within; /* AGGREGATE_TEMPORARY: at most so many allocations in between; a word for readers */
        bool calls;      /* what was allocated counts too where the cost has nothing of it */
        struct filter *filter;             /* NULL: everything */
        const struct aggregate_also *also; /* NULL: nothing; not by thread */
};

/* A place of a path; what paths have in common is there once. Nodes of one place have the same frame. */
struct aggregate_node {
        const struct symbol_frame *frame;
        uint32_t parent; /* towards the oldest frame, which has AGGREGATE_NO_NODE */
        uint32_t depth;  /* the oldest frame's is 1 */
        bool inlined;    /* in every path through it */
};

struct aggregate_entry {
        /* the place, as far as it goes by the key; function and module of the largest stack in it */
        const char *file, *function, *module;
        uint32_t line;
        bool has_line;
        const struct symbol_frame *frame; /* of the largest stack in it; NULL: sizes have none */
        uint32_t node; /* of a path: of its most recent frame; else a number that no other entry has */
        uint64_t least_bytes, end_bytes;   /* sizes from, and below: AGGREGATE_SIZE alone */
        const char *domain;                /* AGGREGATE_DOMAIN alone: its name; the trace's */
        const struct trace_thread *thread; /* AGGREGATE_THREAD alone, with a name; NULL: nobody knows which */
        uint64_t size_bytes, count;
        uint64_t calls;      /* allocations, whatever the cost; complete if replayed from the beginning */
        uint64_t high_bytes; /* the most live bytes after one of them; 0: not replayed with highs */
};

struct aggregate {
        struct aggregate_wish wish;
        struct aggregate_entry *entries;
        size_t count, capacity;
        struct aggregate_node *nodes; /* of paths alone */
        uint64_t size_bytes, blocks;  /* of all that was charged; cumulative entries come to more */
};

/* 0 or a negative errno already reported. The names live as long as the symbols. */
int aggregate_make(const struct replay *replay, struct charge *charge, const struct aggregate_wish *wish,
                   struct aggregate *out);

void aggregate_deinit(struct aggregate *aggregate);

/* Whole entries by wish.sort; for qsort_r, whose context is the aggregate. */
int aggregate_order(const void *left, const void *right, void *aggregate);

static inline int aggregate_order_numbers(uint64_t left, uint64_t right) {
        return left < right ? -1 : left > right;
}

/* NULL is as the empty text. */
static inline int aggregate_order_texts(const char *left, const char *right) {
        return strcmp(left ? left : "", right ? right : "");
}

/* Places alone, ascending. */
int aggregate_order_places(const struct aggregate *aggregate, const struct aggregate_entry *left,
                           const struct aggregate_entry *right);

/* "FILE:LINE", or what stands for it. Heap; NULL: no memory. */
char *aggregate_place(const struct aggregate *aggregate, const struct aggregate_entry *entry);

#endif
