/*
 * What a test program can see of its own process, as one line that the traced run must repeat to the letter:
 * errno, descriptors, threads, signal mask and handlers, environment. Included by harness.h.
 *
 * Must not: allocate, use stdio streams, or change what it looks at.
 */
#ifndef STATE_H
#define STATE_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/* Entries of a directory with a number for a name; -1 where there is no such directory. opendir would
 * allocate. */
static inline int state_numbers(const char *path) {
        int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), found = 0;
        char entries[4096] = { 0 };
        long bytes;

        if (directory < 0)
                return -1;
        while ((bytes = syscall(SYS_getdents64, directory, entries, sizeof entries)) > 0)
                for (long at = 0; at < bytes;) {
                        uint16_t length;
                        memcpy(&length, entries + at + 16, sizeof length); /* linux_dirent64.d_reclen */
                        found += entries[at + 19] != '.';
                        at += length;
                }
        close(directory);
        return found;
}

/* A joined thread leaves /proc a moment after pthread_join returned: waits for `expected`, 5 s at most. */
static inline int state_threads(int expected) {
        const struct timespec moment = { 0, 10000000 };
        int threads = -1;
        for (int turn = 0; turn < 500; turn++) {
                threads = state_numbers("/proc/self/task");
                if (threads <= expected)
                        break;
                nanosleep(&moment, NULL);
        }
        return threads;
}

/* The names and values that are not the tracer's. */
static inline uint64_t state_environment_hash(void) {
        uint64_t hash = 14695981039346656037u; /* FNV-1a */
        for (char **variable = environ; variable && *variable; variable++)
                if (strncmp(*variable, "LD_PRELOAD=", 11) != 0 && strncmp(*variable, "MEMTRACE_", 9) != 0)
                        for (const char *c = *variable; *c; c++)
                                hash = (hash ^ (unsigned char)*c) * 1099511628211u;
        return hash;
}

/* Appends, as far as there is room: a line of a thousand descriptors is cut, in both runs alike. */
#define STATE_PUT(...)                                                                                       \
        do {                                                                                                 \
                if (used < size)                                                                             \
                        used += (size_t)snprintf(text + used, size - used, __VA_ARGS__);                     \
        } while (0)

/* Writes the line to `text` and returns its length. `threads` is how many there ought to be. Keeps errno. */
static inline size_t state_line(char *text, size_t size, int threads) {
        int error = errno;
        size_t used = 0;

        STATE_PUT("state errno %d, descriptors", error);
        for (int number = 0; number < 1024; number++) {
                struct stat file;
                if (fcntl(number, F_GETFD) >= 0 && fstat(number, &file) == 0)
                        STATE_PUT(" %d:%x", number, (unsigned)(file.st_mode & S_IFMT) >> 12);
        }
        STATE_PUT(", threads %d, blocked", state_threads(threads));
        sigset_t blocked;
        sigprocmask(SIG_SETMASK, NULL, &blocked);
        for (int number = 1; number < NSIG; number++)
                if (sigismember(&blocked, number) == 1)
                        STATE_PUT(" %d", number);
        STATE_PUT(", handled");
        for (int number = 1; number < NSIG; number++) {
                struct sigaction action;
                if (sigaction(number, NULL, &action) == 0 &&
                    (action.sa_handler != SIG_DFL || action.sa_flags))
                        STATE_PUT(" %d:%x", number, (unsigned)action.sa_flags);
        }
        STATE_PUT(", environment %016llx\n", (unsigned long long)state_environment_hash());
        if (used >= size) {
                used = size - 1;
                text[used - 1] = '\n';
        }
        errno = error;
        return used;
}

#endif
