/*
 * The functions by which a program limits its own address space. The session's reservation counts against the
 * limit as if the program had asked for it, so what is more than our share of it is given back first.
 */
#undef _FILE_OFFSET_BITS /* both names of each function are meant, not one for the other */
#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tracer/hook.h"
#include "tracer/real.h"
#include "tracer/tracer.h"
#include "tracer/window.h"

/* The soft limit comes first in each of the structures. What cannot be read is the kernel's to refuse. */
static void before_limit(int resource, const void *limit) {
        const rlim_t *soft = limit;
        int saved = errno;

        if (resource == RLIMIT_AS && soft && tracer.session &&
            window_readable((uintptr_t)soft, (uintptr_t)(soft + 1)))
                session_trim(tracer.session, *soft);
        errno = saved;
}

HOOK int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit) {
        before_limit((int)resource, limit);
        return REAL(setrlimit)(resource, limit);
}

HOOK int setrlimit64(__rlimit_resource_t resource, const struct rlimit64 *limit) {
        before_limit((int)resource, limit);
        return REAL(setrlimit64)(resource, limit);
}

HOOK int prlimit(pid_t pid, enum __rlimit_resource resource, const struct rlimit *limit, struct rlimit *old) {
        if (pid == 0 || pid == (pid_t)syscall(SYS_getpid))
                before_limit((int)resource, limit);
        return REAL(prlimit)(pid, resource, limit, old);
}

HOOK int prlimit64(pid_t pid, enum __rlimit_resource resource, const struct rlimit64 *limit,
                   struct rlimit64 *old) {
        if (pid == 0 || pid == (pid_t)syscall(SYS_getpid))
                before_limit((int)resource, limit);
        return REAL(prlimit64)(pid, resource, limit, old);
}

/* Locking everything counts the reservation as well. */
HOOK int mlockall(int flags) {
        if (tracer.session)
                session_trim(tracer.session, 0);
        return REAL(mlockall)(flags);
}
