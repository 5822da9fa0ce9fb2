/*
 * Finding the collector of a running process, in /proc.
 *
 * Must not: trust what is on the page.
 */
#ifndef ANALYZER_LAUNCH_CONTROL_FIND_H
#define ANALYZER_LAUNCH_CONTROL_FIND_H

#include <stdbool.h>

#include "launch/control.h"

/* Find the collector that traces `pid`; its page is open. 0, or -ESRCH after one line on stderr. */
int control_find(uint32_t pid, struct control *control);

/* Whether there is no such process, or no more of it than how it ended. */
bool control_has_ended(uint32_t pid);

#endif
