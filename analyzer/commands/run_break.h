/*
 * memtrace run --break-at: what is done when the program first holds more than a size. The library stops it,
 * or ends it; what people then need to know, or a debugger, is told and started here. So is what became of
 * its children, which are known by their traces.
 *
 * Must not: run it.
 */
#ifndef ANALYZER_COMMANDS_RUN_BREAK_H
#define ANALYZER_COMMANDS_RUN_BREAK_H

#include "launch/launch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct run_break {
        uint64_t size_bytes; /* 0: not asked for */
        bool gdb, core;
        bool watched; /* something is done to processes */
        bool done;
        char variable[48];  /* of MEMTRACE_BREAK_AT */
        const char *output; /* where traces go; NULL: nowhere; the caller's */
        pid_t program;
        unsigned long long since_ns; /* since 1970: older traces are of another run */
        struct run_break_child *children;
        size_t child_count, child_capacity;
};

/* "100M", with :stop, :core, :gdb or :snapshot behind it. 0 or -EINVAL, reported. */
int run_break_parse(const char *value, struct run_break *at);

/* For launch_wait; its context is `at`. */
struct launch_stop run_break_stop(struct run_break *at);

/* The children that are stopped or were ended, and nobody has heard of: once more when the program has ended.
 */
void run_break_children(struct run_break *at);

void run_break_deinit(struct run_break *at);

#endif
