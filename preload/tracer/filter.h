/*
 * What a seccomp filter says of a system call, told without making it: the kernel's classic BPF, run over the
 * call's data. Any thread; must not call libc, and believes nothing of the program it runs.
 */
#ifndef MEMTRACE_TRACER_FILTER_H
#define MEMTRACE_TRACER_FILTER_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>

/* True when the call goes through as if there were no filter. What the kernel would refuse as a filter allows
 * nothing. */
bool filter_allows(const struct sock_fprog *filter, const struct seccomp_data *data);

#endif
