/*
 * Row 20: a program that closes every descriptor it has, or puts others in their place, allocates as before:
 * the tracer holds none. argv[1] is the way.
 */
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "harness.h"

#include "load.h"

static int descriptors_max(void) {
        struct rlimit limit;
        return getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 65536 ? (int)limit.rlim_cur : 65536;
}

/* Where standard output goes, to come back to it without a descriptor. */
static char output[4096];

static void remember_output(void) {
        ssize_t bytes = readlink("/proc/self/fd/1", output, sizeof output - 1);
        output[bytes > 0 ? bytes : 0] = '\0';
}

static void close_all(void) {
        for (int number = descriptors_max() - 1; number >= 0; number--)
                close(number);
}

static void come_back(void) {
        for (int number = 0; number < 3; number++)
                if (open(number == 1 ? output : "/dev/null", O_RDWR | O_APPEND) != number)
                        _exit(97);
}

/* As the old books have it. Each of the three processes says what it did while it has a standard output. */
static int become_daemon(void) {
        load();
        h_report(H_ONE_THREAD, "exited", 0);
        if (fork() > 0)
                exit(0);
        h_forked();
        setsid();
        load();
        h_report(H_ONE_THREAD, "exited", 0);
        if (fork() > 0)
                _exit(0);
        h_forked();
        if (chdir("/"))
                return 96;
        umask(0);
        close_all();
        load();
        come_back();
        load_in_child(0);
        h_report(H_ONE_THREAD, "exited", 3);
        return 3;
}

int main(int argc, char **argv) {
        const char *way = argc > 1 ? argv[1] : "daemon";

        remember_output();
        if (output[0] != '/')
                return h_skip("standard output is no file");
        if (!strcmp(way, "daemon"))
                return become_daemon();
        load();
        if (!strcmp(way, "range")) {
                if (syscall(SYS_close_range, 3, ~0u, 0))
                        return h_skip("this kernel has no close_range");
        } else if (!strcmp(way, "duplicates")) {
                for (int number = 3; number < descriptors_max(); number++)
                        dup2(1, number);
                load();
                load_in_child(H_NO_STATE); /* more descriptors than its line holds */
                for (int number = 3; number < descriptors_max(); number++)
                        close(number);
        } else if (!strcmp(way, "none")) {
                close_all();
                load();
                come_back();
        } else if (!strcmp(way, "stay-closed")) {
                load_in_child(0);
                h_report(H_ONE_THREAD, "exited", 4);
                close_all();
                return 4;
        }
        load();
        load_in_child(0);
        h_report(H_ONE_THREAD, "exited", 0);
        return 0;
}
