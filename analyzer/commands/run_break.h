/*
 * memtrace run --break-at: what is done when the program first holds more than a size. The library stops it,
 * or ends it; what people then need to know, or a debugger, is told and started here.
 *
 * Must not: run it.
 */
#ifndef ANALYZER_COMMANDS_RUN_BREAK_H
#define ANALYZER_COMMANDS_RUN_BREAK_H

#include "launch/launch.h"

#include <stdbool.h>
#include <stdint.h>

struct run_break {
        uint64_t size_bytes; /* 0: not asked for */
        bool gdb, done;
        char variable[48]; /* of MEMTRACE_BREAK_AT */
};

/* "100M", with :stop, :core, :gdb or :snapshot behind it. 0 or -EINVAL, reported. */
int run_break_parse(const char *value, struct run_break *at);

/* For launch_wait; its context is `at`. */
struct launch_stop run_break_stop(struct run_break *at);

#endif
