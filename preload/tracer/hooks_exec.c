/*
 * The exec family. The collector is told that one is under way, since exec keeps the pid and tells
 * nobody. With MEMTRACE_FOLLOW without exec, and where it would not bear us, the new program starts without
 * our library in its LD_PRELOAD. The program's own environment is never changed: the new program gets a copy,
 * on the stack, since this may be a vfork child.
 */
#include <alloca.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <memtrace/obstacle.h>

#include "tracer/exec_target.h"
#include "tracer/hook.h"
#include "tracer/real.h"
#include "tracer/tracer.h"

#define PRELOAD "LD_PRELOAD="
#define LIBRARY "libmemtrace.so"

static size_t vector_count(char *const *vector) {
        size_t count = 0;

        while (vector && vector[count])
                count++;
        return count;
}

/* `name` with its "=". */
static const char *value_of(char *const *environment, const char *name) {
        for (; environment && *environment; environment++)
                if (strncmp(*environment, name, strlen(name)) == 0)
                        return *environment + strlen(name);
        return "";
}

/* Whether the new program is to start without us. */
static bool strips(char *const *environment, const struct exec_target *target) {
        const char *obstacle, *preload;
        bool is_asan;

        if (tracer.session && !(tracer.session->options.follow & FOLLOW_EXEC))
                return true;
        obstacle = exec_target_obstacle(target, &is_asan);
        if (!obstacle)
                return false;
        preload = value_of(environment, PRELOAD);
        if (!strstr(preload, LIBRARY) ||
            (is_asan && mtr_obstacle_asan_bears(value_of(environment, "ASAN_OPTIONS="), preload)))
                return false;
        exec_target_say(target, obstacle);
        return true;
}

/* `value` without the entries that are this library, into `kept` (room for all of it). */
static void preload_strip(const char *value, char *kept) {
        char *to = kept + strlen(strcpy(kept, PRELOAD));

        while (*value) {
                size_t bytes = strcspn(value, ": ");
                const char *name = memrchr(value, '/', bytes);

                name = name ? name + 1 : value;
                if (bytes && ((size_t)(value + bytes - name) != sizeof(LIBRARY) - 1 ||
                              memcmp(name, LIBRARY, sizeof(LIBRARY) - 1) != 0)) {
                        if (to[-1] != '=')
                                *to++ = ':';
                        memcpy(to, value, bytes);
                        to += bytes;
                }
                value += bytes;
                value += strspn(value, ": ");
        }
        *to = '\0';
}

/* Copies `environment` into `vector` with its LD_PRELOAD replaced by `preload`, or left out when empty. */
static char **environment_strip(char *const *environment, char **vector, char *preload) {
        size_t count = 0;

        for (; environment && *environment; environment++) {
                if (strncmp(*environment, PRELOAD, sizeof(PRELOAD) - 1) != 0)
                        vector[count++] = *environment;
                else if (preload[sizeof(PRELOAD) - 1])
                        vector[count++] = preload;
        }
        vector[count] = NULL;
        return vector;
}

/* The environment for the new program; in the frame of the function that uses it. */
#define FOR_NEW_PROGRAM(environment, stripped, ...)                                                          \
        do {                                                                                                 \
                (stripped) = (char **)(environment);                                                         \
                if (strips(environment, &(struct exec_target){ __VA_ARGS__ })) {                             \
                        const char *value = value_of(environment, PRELOAD);                                  \
                        char *preload = alloca(sizeof(PRELOAD) + strlen(value));                             \
                        char **vector = alloca((vector_count(environment) + 1) * sizeof(*vector));           \
                                                                                                             \
                        preload_strip(value, preload);                                                       \
                        (stripped) = environment_strip(environment, vector, preload);                        \
                }                                                                                            \
        } while (0)

/* An exec that returns has failed. */
#define EXEC(call)                                                                                           \
        ({                                                                                                   \
                bool announced = tracer_exec_begin();                                                        \
                int failed = (call);                                                                         \
                                                                                                             \
                if (announced)                                                                               \
                        tracer_exec_failed();                                                                \
                failed;                                                                                      \
        })

HOOK int execve(const char *path, char *const argv[], char *const envp[]) {
        char **environment;

        FOR_NEW_PROGRAM(envp, environment, AT_FDCWD, path, false);
        return EXEC(REAL(execve)(path, argv, environment));
}

HOOK int execv(const char *path, char *const argv[]) {
        char **environment;

        FOR_NEW_PROGRAM(environ, environment, AT_FDCWD, path, false);
        return EXEC(REAL(execve)(path, argv, environment));
}

HOOK int execvpe(const char *file, char *const argv[], char *const envp[]) {
        char **environment;

        FOR_NEW_PROGRAM(envp, environment, AT_FDCWD, file, true);
        return EXEC(REAL(execvpe)(file, argv, environment));
}

HOOK int execvp(const char *file, char *const argv[]) {
        char **environment;

        FOR_NEW_PROGRAM(environ, environment, AT_FDCWD, file, true);
        return EXEC(REAL(execvpe)(file, argv, environment));
}

HOOK int fexecve(int fd, char *const argv[], char *const envp[]) {
        char **environment;

        FOR_NEW_PROGRAM(envp, environment, fd, NULL, false);
        return EXEC(REAL(fexecve)(fd, argv, environment));
}

HOOK int execveat(int fd, const char *path, char *const argv[], char *const envp[], int flags) {
        char **environment;

        FOR_NEW_PROGRAM(envp, environment, fd, flags & AT_EMPTY_PATH ? NULL : path, false);
        return EXEC(REAL(execveat)(fd, path, argv, environment, flags));
}

HOOK int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                     const posix_spawnattr_t *attributes, char *const argv[], char *const envp[]) {
        char **environment;

        FOR_NEW_PROGRAM(envp, environment, AT_FDCWD, path, false);
        return REAL(posix_spawn)(pid, path, actions, attributes, argv, environment);
}

HOOK int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
                      const posix_spawnattr_t *attributes, char *const argv[], char *const envp[]) {
        char **environment;

        FOR_NEW_PROGRAM(envp, environment, AT_FDCWD, file, true);
        return REAL(posix_spawnp)(pid, file, actions, attributes, argv, environment);
}

/* The arguments of an execl call as a vector, in the frame of the function that uses it. */
#define GATHER(first, last, vector)                                                                          \
        do {                                                                                                 \
                va_list counted;                                                                             \
                size_t count = 1;                                                                            \
                                                                                                             \
                va_start(counted, first);                                                                    \
                while (va_arg(counted, char *))                                                              \
                        count++;                                                                             \
                va_end(counted);                                                                             \
                (vector) = alloca((count + 1) * sizeof(char *));                                             \
                va_start(last, first);                                                                       \
                (vector)[0] = (char *)(first);                                                               \
                for (size_t i = 1; i <= count; i++) /* the terminating NULL too */                           \
                        (vector)[i] = va_arg(last, char *);                                                  \
        } while (0)

HOOK int execl(const char *path, const char *arg, ...) {
        char **argv, **environment;
        va_list last;

        GATHER(arg, last, argv);
        va_end(last);
        FOR_NEW_PROGRAM(environ, environment, AT_FDCWD, path, false);
        return EXEC(REAL(execve)(path, argv, environment));
}

HOOK int execlp(const char *file, const char *arg, ...) {
        char **argv, **environment;
        va_list last;

        GATHER(arg, last, argv);
        va_end(last);
        FOR_NEW_PROGRAM(environ, environment, AT_FDCWD, file, true);
        return EXEC(REAL(execvpe)(file, argv, environment));
}

HOOK int execle(const char *path, const char *arg, ...) {
        char **argv, **environment;
        char *const *given;
        va_list last;

        GATHER(arg, last, argv);
        given = va_arg(last, char *const *);
        va_end(last);
        FOR_NEW_PROGRAM(given, environment, AT_FDCWD, path, false);
        return EXEC(REAL(execve)(path, argv, environment));
}
