/*
 * Resolving the next definitions: see real.h. Runs in the first hook called, normally the
 * loader's, before any thread exists.
 */
#include "tracer/real.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "session/kernel.h"
#include "tracer/symbol.h"

static long syscall_early(long number, ...);

struct real real = { .syscall = syscall_early };
bool real_ready;

/* dlsym is declared to call nothing of ours, but it allocates: the compiler must not believe it. */
static volatile bool resolving;

void *real_find(const char *name) {
        return symbol_is_next(name) ? dlsym(RTLD_NEXT, name) : NULL;
}

/* syscall(2) before the next definition is known, and while it is looked for. */
static long syscall_early(long number, ...) {
        long arguments[6], result;
        va_list list;

        va_start(list, number);
        for (int i = 0; i < 6; i++)
                arguments[i] = va_arg(list, long);
        va_end(list);
        if (real_resolve())
                return real.syscall(number, arguments[0], arguments[1], arguments[2], arguments[3],
                                    arguments[4], arguments[5]);
        result = sys_call6(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4],
                           arguments[5]);
        if (result < 0 && result > -4096) {
                errno = (int)-result;
                return -1;
        }
        return result;
}

static void resolve(void *slot, const char *name) {
        void *found = real_find(name);

        memcpy(slot, &found, sizeof(found));
}

bool real_resolve(void) {
        int saved = errno; /* of the program's first call, which knows nothing of this */
        void *found;

        if (real_ready)
                return true;
        if (resolving)
                return false;
        resolving = true;
        symbol_begin();
        resolve(&real.syscall, "syscall");
        resolve(&real.malloc, "malloc");
        resolve(&real.calloc, "calloc");
        resolve(&real.realloc, "realloc");
        resolve(&real.reallocarray, "reallocarray");
        resolve(&real.free, "free");
        resolve(&real.cfree, "cfree");
        resolve(&real.free_sized, "free_sized");
        resolve(&real.free_aligned_sized, "free_aligned_sized");
        resolve(&real.aligned_alloc, "aligned_alloc");
        resolve(&real.memalign, "memalign");
        resolve(&real.posix_memalign, "posix_memalign");
        resolve(&real.valloc, "valloc");
        resolve(&real.pvalloc, "pvalloc");
        resolve(&real.malloc_usable_size, "malloc_usable_size");
        resolve(&real.execve, "execve");
        resolve(&real.execvpe, "execvpe");
        resolve(&real.fexecve, "fexecve");
        resolve(&real.execveat, "execveat");
        resolve(&real.posix_spawn, "posix_spawn");
        resolve(&real.posix_spawnp, "posix_spawnp");
        resolve(&real.setrlimit, "setrlimit");
        resolve(&real.setrlimit64, "setrlimit64");
        resolve(&real.prlimit, "prlimit");
        resolve(&real.prlimit64, "prlimit64");
        resolve(&real.prctl, "prctl");
        resolve(&real.mlockall, "mlockall");
        resolve(&real.dlclose, "dlclose");
        resolve(&real._exit, "_exit");
        resolve(&real.quick_exit, "quick_exit");
        found = symbol_of_program("free");
        memcpy(&real.first_free, &found, sizeof(found));
        real_ready = true;
        resolving = false;
        errno = saved;
        return true;
}
