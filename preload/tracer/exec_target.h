/*
 * What an exec is about to run, and whether that program would bear this library in its LD_PRELOAD: in a
 * 32-bit program the loader complains of it, and the address sanitizer ends a program in which it is not the
 * first.
 */
#ifndef MEMTRACE_TRACER_EXEC_TARGET_H
#define MEMTRACE_TRACER_EXEC_TARGET_H

#include <stdbool.h>

struct exec_target {
        int directory;    /* of a relative path */
        const char *path; /* NULL: `directory` is the file itself */
        bool search;      /* in PATH, where it has no slash */
};

/*
 * Why it would not; NULL where nothing speaks against it. Async-signal-safe, for vfork children; errno kept.
 * Reads nothing of what the new program is given: a pointer that is wrong is for the kernel to find.
 */
const char *exec_target_obstacle(const struct exec_target *target, bool *is_asan);

/* One line on stderr that says so. */
void exec_target_say(const struct exec_target *target, const char *obstacle);

#endif
