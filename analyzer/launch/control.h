/*
 * Speaking to the collector of a running process: see include/memtrace/control.h.
 *
 * Must not: trust what is on the page, or wait for longer than it says.
 */
#ifndef ANALYZER_LAUNCH_CONTROL_H
#define ANALYZER_LAUNCH_CONTROL_H

#include <memtrace/control.h>
#include <stdint.h>

struct control {
        struct mtr_control *page;
        int fd;
        char path[64];        /* of the page's file, as long as the collector lives */
        uint32_t collector;   /* its pid */
        uint32_t pid;         /* the process's, as the user named it */
        uint32_t pid_there;   /* and as the collector has it */
        uint64_t deadline_ns; /* CLOCK_MONOTONIC: nothing is waited for longer */
};

/* Find the collector that traces `pid` and have it to oneself. 0, or a negative errno after one line on
 * stderr. */
int control_open(uint32_t pid, struct control *control);
void control_close(struct control *control);

/* Ask, and wait for the answer. `name` may be NULL. As control_open. */
int control_ask(struct control *control, enum mtr_control_verb verb, const char *name,
                struct mtr_control_stats *stats);

#endif
