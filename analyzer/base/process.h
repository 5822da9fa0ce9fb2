/*
 * What the kernel says of another process.
 *
 * Must not: change anything about it.
 */
#ifndef ANALYZER_BASE_PROCESS_H
#define ANALYZER_BASE_PROCESS_H

#include <stddef.h>
#include <sys/types.h>

#define PROCESS_UNKNOWN '?' /* /proc could not be read */
#define PROCESS_STOPPED 'T'

#define PROCESS_COLLECTOR "memtrace" /* as the library's collectors name themselves */

/* The letter that ps(1) shows first; Z for a process that is gone. */
char process_state(pid_t pid);

/* As ps(1) shows it with -o comm; empty: it is gone, or /proc could not be read. `pid` in decimal digits. */
void process_name(const char *pid, char *name, size_t size_bytes);

#endif
