/*
 * Row 32: limits that a program sets itself or is started under: what it can do then is what it could
 * untraced, and it is traced to the end. argv[1] is the limit.
 */
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "harness.h"

#include "load.h"

enum { NOBODY = 65534 };

/* A thread and a child, where they can be had. */
static void others(void) {
        pthread_t thread;
        int failed = pthread_create(&thread, NULL, load_in_thread, NULL);
        if (!failed)
                pthread_join(thread, NULL);
        h_say("thread: %d\n", failed);
        load_in_child(0);
}

static int limit_to(int resource, rlim_t value) {
        const struct rlimit limit = { value, value };
        return setrlimit((__rlimit_resource_t)resource, &limit);
}

static void become_nobody(void) {
        if (getuid() == 0 &&
            (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY)))
                h_say("still root\n");
}

static int finish(char **argv) {
        (void)argv;
        load();
        others();
        errno = 0;
        h_report(H_THREADS, "exited", 0);
        return 0;
}

/* Again as another program, under what was set. */
static int again(char **argv, const char *way) {
        h_report(H_ONE_THREAD, "exec", 0);
        execl("/proc/self/exe", argv[0], way, (char *)NULL);
        return 98;
}

static void say_memory(size_t mebibytes) {
        void *block = h_malloc(mebibytes << 20);
        h_say("%zu MiB: %s\n", mebibytes, block ? "given" : "refused");
        h_free(block, mebibytes << 20);
}

static int address_space(char **argv) {
        limit_to(RLIMIT_AS, (rlim_t)300 << 20);
        return again(argv, "address-space-set");
}

static int address_space_set(char **argv) {
        say_memory(100);
        say_memory(400);
        return finish(argv);
}

static int descriptors(char **argv) {
        h_say("limit: %d\n", limit_to(RLIMIT_NOFILE, 3));
        h_say("another: %d\n", dup(1));
        return finish(argv);
}

static int processes(char **argv) {
        become_nobody();
        h_say("limit: %d\n", limit_to(RLIMIT_NPROC, 0));
        return finish(argv);
}

static int file_size(char **argv) {
        h_say("limit: %d\n", limit_to(RLIMIT_FSIZE, 65536));
        return finish(argv);
}

static int locked(char **argv) {
        h_say("mlockall: %d", mlockall(MCL_CURRENT | MCL_FUTURE));
        h_say(" errno %d\n", errno);
        return finish(argv);
}

static int in_namespace(int flags) {
        return unshare(flags) == 0 || unshare(flags | CLONE_NEWUSER) == 0;
}

static int root_directory(char **argv) {
        char empty[] = "/tmp/memtrace-row32-XXXXXX";

        if (getuid() != 0 && unshare(CLONE_NEWUSER))
                return h_skip("no right to change the root directory");
        if (!mkdtemp(empty))
                return 97;
        load();
        int failed = chroot(empty) || chdir("/");
        if (failed)
                return h_skip("no right to change the root directory");
        h_say("/proc: %d\n", access("/proc", F_OK));
        return finish(argv);
}

/* The first process of a namespace of its own, which ends with it; and as another program, with a collector
 * in it. */
static int process_namespace(char **argv) {
        if (!in_namespace(CLONE_NEWPID))
                return h_skip("no process namespaces here");
        load();
        pid_t child = fork();
        if (child == 0) {
                h_forked();
                load();
                h_say("pid %d\n", (int)getpid());
                return again(argv, "first-process");
        }
        int status = 0;
        waitpid(child, &status, 0);
        h_say("first process: %x\n", (unsigned)status);
        h_report(H_ONE_THREAD, "exited", 0);
        return 0;
}

/* What lies where the trace does is no longer to be seen by the program: an empty file system covers it. */
static int mount_namespace(char **argv) {
        load();
        if (!in_namespace(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
                return h_skip("no mount namespaces here");
        if (mount("none", "/tmp", "tmpfs", 0, NULL) || mount("none", "/proc", "tmpfs", MS_RDONLY, NULL))
                return h_skip("no right to mount");
        h_say("/proc/self: %d\n", access("/proc/self", F_OK));
        return finish(argv);
}

int main(int argc, char **argv) {
        static const struct {
                const char *name;
                int (*run)(char **argv);
        } ways[] = {
                { "address-space", address_space },   { "address-space-set", address_space_set },
                { "descriptors", descriptors },       { "processes", processes },
                { "file-size", file_size },           { "locked", locked },
                { "root-directory", root_directory }, { "process-namespace", process_namespace },
                { "first-process", finish },          { "mount-namespace", mount_namespace },
        };
        const char *way = argc > 1 ? argv[1] : "";

        for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
                if (!strcmp(way, ways[i].name))
                        return ways[i].run(argv);
        return 98;
}
