/*
 * System calls without libc: each returns the kernel's answer, -errno on failure. The collector
 * is a fork of an arbitrary program, where another preloaded library may stand in for open,
 * write or mmap and where errno, locks and the heap are a copy in unknown state.
 *
 * Runs in the collector's one thread. Must not: call a function of libc.
 */
#ifndef MEMTRACE_COLLECTOR_SYS_H
#define MEMTRACE_COLLECTOR_SYS_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#include "session/kernel.h"

static inline long sys_call3(long number, long a, long b, long c) {
        return sys_call6(number, a, b, c, 0, 0, 0);
}

static inline int sys_open(const char *path, int flags, unsigned mode) {
        return (int)sys_call6(SYS_openat, AT_FDCWD, (long)path, flags, mode, 0, 0);
}

static inline void sys_close(int fd) {
        (void)sys_call3(SYS_close, fd, 0, 0);
}

static inline long sys_read(int fd, void *data, size_t length) {
        return sys_call3(SYS_read, fd, (long)data, (long)length);
}

static inline long sys_pread(int fd, void *data, size_t length, uint64_t offset) {
        return sys_call6(SYS_pread64, fd, (long)data, (long)length, (long)offset, 0, 0);
}

static inline long sys_write(int fd, const void *data, size_t length) {
        return sys_call3(SYS_write, fd, (long)data, (long)length);
}

/* All of it: 0, or -errno with any part of it written. */
static inline long sys_write_all(int fd, const void *data, size_t length) {
        const char *at = data;
        unsigned interrupted = 0;

        while (length != 0) {
                long written = sys_write(fd, at, length);

                if (written == -EINTR && ++interrupted < 100)
                        continue;
                if (written <= 0)
                        return written ? written : -EIO;
                at += written;
                length -= (size_t)written;
        }
        return 0;
}

static inline void sys_unlink(const char *path) {
        (void)sys_call3(SYS_unlink, (long)path, 0, 0);
}

static inline long sys_ftruncate(int fd, uint64_t length) {
        return sys_call3(SYS_ftruncate, fd, (long)length, 0);
}

static inline long sys_readlink(const char *path, char *target, size_t size) {
        return sys_call3(SYS_readlink, (long)path, (long)target, (long)size);
}

static inline long sys_poll(struct pollfd *fds, unsigned count, int timeout_ms) {
        return sys_call3(SYS_poll, (long)fds, count, timeout_ms);
}

static inline void *sys_mmap(size_t bytes) {
        long address = sys_call6(SYS_mmap, 0, (long)bytes, PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        return address < 0 && address > -4096 ? NULL : (void *)address;
}

static inline uint64_t sys_clock_ns(clockid_t clock) {
        struct timespec now = { 0 };

        (void)sys_call3(SYS_clock_gettime, clock, (long)&now, 0);
        return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

#endif
