/*
 * Finding allocators beside ours: see neighbours.h. Runs once, at start, before the gate is opened.
 *
 * A definition of malloc in front of ours may pass its calls on to us or not, and its code does not tell
 * which. So it is called, once, but in a process made for that: the program's own heap must not notice.
 */
#include "tracer/neighbours.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <memtrace/harmless.h>

#include "session/clock.h"
#include "tracer/symbol.h"
#include "tracer/tracer.h"

#define PROBE_TIMEOUT_NS UINT64_C(2000000000)
#define PROBE_STEP_NS 200000
#define PROBE_REACHED 42 /* nobody else's exit code, it is to be hoped */
#define NAME_BYTES 128u
#define NEW "_Znwm"
#define DELETE "_ZdlPv"

static __attribute__((noreturn)) void probe(void *(*allocate)(size_t), void (*release)(void *)) {
        static const struct rlimit none;

        (void)syscall(SYS_prlimit64, 0, RLIMIT_CORE, &none, NULL);
        gate_bar();
        release(allocate(1)); /* the first call may do more */
        tracer.reached = false;
        (void)allocate(1);
        for (;;)
                syscall(SYS_exit_group, tracer.reached ? PROBE_REACHED : 0);
}

/* Whether a call of the program's `allocate` comes to one of our hooks. */
static bool reaches_us(const char *allocate, const char *release) {
        const struct timespec step = { 0, PROBE_STEP_NS };
        uint64_t start = clock_monotonic_ns();
        void *functions[2] = { symbol_of_program(allocate), symbol_of_program(release) };
        sigset_t all, before;
        int status = 0;
        pid_t child;

        if (!functions[0] || !functions[1])
                return true;
        sigfillset(&all);
        (void)pthread_sigmask(SIG_SETMASK, &all, &before);
        child = (pid_t)syscall(SYS_clone, 0, NULL, NULL, NULL, NULL);
        if (child == 0)
                probe((void *(*)(size_t))functions[0], (void (*)(void *))functions[1]);
        while (child > 0 && waitpid(child, &status, __WALL | WNOHANG) == 0) {
                if (clock_monotonic_ns() - start > PROBE_TIMEOUT_NS)
                        (void)kill(child, SIGKILL);
                (void)syscall(SYS_nanosleep, &step, NULL);
        }
        (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
        /* Where no process can be made, nothing is known, and nothing said. */
        return child < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == PROBE_REACHED);
}

/* The file's name for a line; the program itself has none in the loader's list. */
static void name_of(const struct link_map *map, char *room) {
        const char *path = map->l_name, *slash = strrchr(path, '/');

        if (!*path)
                path = program_invocation_short_name;
        mtr_harmless_text(slash ? slash + 1 : path, room, NAME_BYTES);
}

static const char *words(const struct link_map *owner, const char *what) {
        static char text[2 * NAME_BYTES];

        name_of(owner, text);
        return strcat(text, what);
}

const char *neighbours_look(bool *blind) {
        const struct link_map *owner = symbol_first("malloc");

        *blind = owner && !symbol_is_ours(owner) && !reaches_us("malloc", "free");
        if (*blind)
                return words(owner,
                             " brings its own malloc, which is called before this one: the heap is not seen");
        /* An allocator's operator new need not call malloc; libstdc++'s, and so most programs', does. */
        owner = symbol_first(NEW);
        if (owner && symbol_is_of(owner, "malloc") && symbol_is_wanted(NEW) && !reaches_us(NEW, DELETE))
                return words(owner, " brings its own operator new: what C++ allocates by it is not seen");
        return NULL;
}
