/*
 * What was allocated by each line of each function, and by each call: what a profile of costs is made of.
 *
 * Readers of such profiles take what the calls to a function cost as all that was allocated under it, and add
 * them up. So of each stack a function gets the cost by one call alone, the outermost that led to it;
 * a call back to a function that is further out already is counted, and costs nothing more.
 *
 * Must not: write.
 */
#ifndef ANALYZER_RENDER_EXPORT_CALLCOSTS_H
#define ANALYZER_RENDER_EXPORT_CALLCOSTS_H

#include "aggregate/key.h"
#include "render/export/export.h"

#define CALLCOSTS_NOBODY UINT32_MAX

struct callcosts_sum {
        uint64_t size_bytes, blocks;
};

struct callcosts_function {
        const struct symbol_frame *frame; /* the first that was met; the symbols' */
        struct callcosts_sum begins;      /* of stacks that begin with it */
        uint32_t last_stack;              /* that was charged to it, + 1 */
        bool called;
};

struct callcosts_line {
        uint32_t function, line; /* line 0: not known */
        struct callcosts_sum self;
};

struct callcosts_call {
        uint32_t line;             /* a row of lines */
        uint32_t callee;           /* a function */
        struct callcosts_sum cost; /* of stacks in which it is the first to lead there */
        uint64_t count;            /* blocks of all stacks it occurs in; each once */
        uint32_t last_stack;
};

struct callcosts {
        const struct export_wish *wish;
        struct keys keys;
        struct map by_line, by_call; /* (function, line) and (line's row, callee) to rows */
        struct callcosts_function *functions;
        struct callcosts_line *lines; /* by function, then line */
        struct callcosts_call *calls; /* by line, then callee */
        size_t function_count, function_capacity, line_count, line_capacity, call_count, call_capacity;
        uint32_t stack_count;
        struct callcosts_sum total;
};

/* 0 or a negative errno already reported; to deinit either way. The wish must outlive it. */
int callcosts_make(const struct export_wish *wish, struct callcosts *out);
void callcosts_deinit(struct callcosts *costs);

#endif
