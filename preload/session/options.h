/*
 * What MEMTRACE_* asks for, parsed once at start. Plain data, copied into the session before
 * the collector is forked; read-only afterwards for both sides.
 */
#ifndef MEMTRACE_SESSION_OPTIONS_H
#define MEMTRACE_SESSION_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#define OPTIONS_PATH_MAX 4096u

enum follow_policy {
        FOLLOW_NONE = 0,
        FOLLOW_FORK = 1, /* fork children only */
        FOLLOW_EXEC = 2, /* exec'd images only */
        FOLLOW_ALL = FOLLOW_FORK | FOLLOW_EXEC,
};

enum overflow_policy { OVERFLOW_WAIT = 0, OVERFLOW_DROP = 1 };

/* What is done when a process first holds more than `break_bytes`. */
enum break_action { BREAK_STOP = 0, BREAK_CORE = 1, BREAK_SNAPSHOT = 2 };

enum unwind_method { UNWIND_EH_FRAME = 0, UNWIND_LIBUNWIND = 1 };

enum signal_action { SIGNAL_TOGGLE = 0, SIGNAL_SNAPSHOT = 1 };

struct options {
        char output[OPTIONS_PATH_MAX]; /* template of the trace's name; %e %p %h %t %% */
        uint32_t depth;                /* innermost frames kept, 1..MTR_STACK_DEPTH_MAX */
        uint32_t rss_interval_ms;      /* 0: no samples */
        uint64_t break_bytes;          /* 0: never */
        uint8_t follow;                /* enum follow_policy */
        uint8_t overflow;              /* enum overflow_policy */
        uint8_t unwind;                /* enum unwind_method */
        uint8_t break_action;          /* enum break_action */
        uint8_t signal;                /* that switches tracing, 0: none */
        uint8_t signal_action;         /* enum signal_action */
        bool argv;                     /* argv goes into the trace */
        bool enabled;                  /* false: MEMTRACE_ENABLE=0, paused until somebody starts it */
};

#endif
