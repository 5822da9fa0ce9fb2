/*
 * What /proc says about a process. Every reader answers "unknown" where /proc is not mounted,
 * the process is gone, or it is not ours to ask.
 *
 * Runs in the collector's one thread. Must not: open a directory, keep a descriptor unless it says so.
 */
#ifndef MEMTRACE_COLLECTOR_PROC_H
#define MEMTRACE_COLLECTOR_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/encode.h"

/* Before all else. Whether /proc shows the namespace that we are in: else each reader answers "unknown". */
void proc_begin(void);

/* The begin of /proc/PID/NAME, NUL-terminated. Its length, -errno. */
long proc_read(uint32_t pid, const char *name, char *data, size_t size);

/* Target of /proc/PID/NAME, NUL-terminated, without the kernel's " (deleted)". False: unknown. */
bool proc_link(uint32_t pid, const char *name, char *target, size_t size);

/* /proc/PID/cmdline appended, at most `max` bytes. */
void proc_arguments(uint32_t pid, struct buffer *arguments, size_t max);

/* Length of the thread's name; 0 when unknown. */
size_t proc_thread_name(uint32_t pid, uint32_t tid, char *name, size_t size);

/* Fields of /proc/PID/stat. */
struct proc_stat {
        char state;
        uint32_t ppid;
        uint32_t threads;
        int32_t exit_code; /* wait status, of a zombie */
};
bool proc_stat(uint32_t pid, struct proc_stat *stat);

/* A descriptor of /proc/PID/NAME, -errno. */
int proc_open(uint32_t pid, const char *name);

/* The resident set read from a descriptor of statm, 0 when unknown. */
uint64_t proc_statm_kib(int fd);

/* What the calling process has in memory that it shares with nobody, 0 when unknown. */
uint64_t proc_own_private_kib(void);

/* Inode of the mapping at `address` in the calling process, 0 when unknown. */
uint64_t proc_own_inode(const void *address);

enum proc_answer { PROC_NO = 0, PROC_YES = 1, PROC_UNKNOWN = 2 };

/* Whether the process can write to `address` in a mapping of that inode, which is one of shared anonymous
 * memory.
 */
enum proc_answer proc_writes(uint32_t pid, uint64_t inode, const void *address);

#endif
