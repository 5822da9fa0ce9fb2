/*
 * What a seccomp filter says of a system call, told without making it: the kernel's classic BPF, run over the
 * call's data. Any thread; must not call libc, and believes nothing of the program it runs.
 */
#ifndef MEMTRACE_TRACER_FILTER_H
#define MEMTRACE_TRACER_FILTER_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>

/* SECCOMP_RET_*, with its data. What the kernel would not take as a filter kills for everything. */
uint32_t filter_verdict(const struct sock_fprog *filter, const struct seccomp_data *data);

/* As if there were no filter. */
static inline bool filter_allows(uint32_t verdict) {
        return verdict == SECCOMP_RET_ALLOW;
}

/* Not only refused: whoever makes the call dies, or meets a signal. */
static inline bool filter_kills(uint32_t verdict) {
        uint32_t action = verdict & SECCOMP_RET_ACTION_FULL;

        return action == SECCOMP_RET_KILL_PROCESS || action == SECCOMP_RET_KILL_THREAD ||
               action == SECCOMP_RET_TRAP;
}

#endif
