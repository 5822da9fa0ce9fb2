/*
 * The next definition in line of each function that is hooked: what the program would have called
 * without us. Resolved once, before the first forward.
 */
#ifndef MEMTRACE_TRACER_REAL_H
#define MEMTRACE_TRACER_REAL_H

#include <spawn.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

struct real {
        long (*syscall)(long number, ...); /* first: hooks_sandbox.c jumps there */
        int (*prctl)(int option, ...);
        void *(*malloc)(size_t size);
        void *(*calloc)(size_t count, size_t size);
        void *(*realloc)(void *block, size_t size);
        void *(*reallocarray)(void *block, size_t count, size_t size);
        void (*free)(void *block);
        void (*first_free)(void *block); /* the one the program calls: ours, or of a library before ours */
        /* NULL where nobody defines them: then they are free (C23 7.24.3.4, cfree(3)). */
        void (*cfree)(void *block);
        void (*free_sized)(void *block, size_t size);
        void (*free_aligned_sized)(void *block, size_t alignment, size_t size);
        void *(*aligned_alloc)(size_t alignment, size_t size);
        void *(*memalign)(size_t alignment, size_t size);
        int (*posix_memalign)(void **block, size_t alignment, size_t size);
        void *(*valloc)(size_t size);
        void *(*pvalloc)(size_t size);
        size_t (*malloc_usable_size)(void *block);
        int (*execve)(const char *path, char *const argv[], char *const envp[]);
        int (*execvpe)(const char *file, char *const argv[], char *const envp[]);
        int (*fexecve)(int fd, char *const argv[], char *const envp[]);
        int (*execveat)(int fd, const char *path, char *const argv[], char *const envp[], int flags);
        int (*posix_spawn)(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                           const posix_spawnattr_t *attributes, char *const argv[], char *const envp[]);
        int (*posix_spawnp)(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
                            const posix_spawnattr_t *attributes, char *const argv[], char *const envp[]);
        int (*setrlimit)(__rlimit_resource_t resource, const struct rlimit *limit);
        int (*setrlimit64)(__rlimit_resource_t resource, const struct rlimit64 *limit);
        int (*prlimit)(pid_t pid, enum __rlimit_resource resource, const struct rlimit *limit,
                       struct rlimit *old);
        int (*prlimit64)(pid_t pid, enum __rlimit_resource resource, const struct rlimit64 *limit,
                         struct rlimit64 *old);
        int (*mlockall)(int flags);
        int (*dlclose)(void *handle);
        void (*_exit)(int code) __attribute__((noreturn));
        void (*quick_exit)(int code) __attribute__((noreturn));
};

/* Constant once real_ready; `syscall` is never NULL. */
extern struct real real;

/* False until `real` is filled, and while it is being filled. */
extern bool real_ready;

/*
 * Fill `real`. Returns false to a call nested in itself (dlsym allocates): the caller then
 * serves itself from bootstrap.h.
 */
bool real_resolve(void);

/* One next definition by itself; NULL when there is none. */
void *real_find(const char *name);

/* The next `name`, also for a call nested in real_resolve: a sanitizer sets itself up, limits and all, inside
 * the first function of libc's that is called. Not for the heap's functions. */
#define REAL(name) (real_resolve() ? real.name : (__typeof__(real.name))real_find(#name))

#endif
