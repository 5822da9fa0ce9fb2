/*
 * What the kernel says of another process.
 *
 * Must not: change anything about it.
 */
#ifndef ANALYZER_BASE_PROCESS_H
#define ANALYZER_BASE_PROCESS_H

#include <sys/types.h>

#define PROCESS_UNKNOWN '?' /* /proc could not be read */
#define PROCESS_STOPPED 'T'

/* The letter that ps(1) shows first; Z for a process that is gone. */
char process_state(pid_t pid);

#endif
