/*
 * Runs a command and writes what it cost as JSON: measure RESULT -- COMMAND ARGUMENTS...
 *
 * Wall time is the command's own, from fork to its end. Whatever it leaves running (the tracer's
 * sibling) is inherited, awaited and accounted apart: this process is a subreaper. It is small, so
 * that its own memory does not stand in for the command's: a child's peak counts what it was forked from.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
        struct timespec time;
        clock_gettime(CLOCK_MONOTONIC, &time);
        return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double cpu(const struct rusage *usage) {
        return (double)usage->ru_utime.tv_sec + (double)usage->ru_utime.tv_usec / 1e6 +
               (double)usage->ru_stime.tv_sec + (double)usage->ru_stime.tv_usec / 1e6;
}

int main(int argc, char **argv) {
        if (argc < 4) {
                fprintf(stderr, "usage: measure RESULT -- COMMAND ARGUMENTS...\n");
                return 2;
        }
        prctl(PR_SET_CHILD_SUBREAPER, 1);
        double begin = now();
        pid_t command = fork();
        if (command == 0) {
                execvp(argv[3], argv + 3);
                perror(argv[3]);
                _exit(127);
        }

        struct rusage usage, other;
        int status = 0;
        while (wait4(command, &status, 0, &usage) < 0)
                if (errno != EINTR)
                        return 1;
        double end = now();

        double rest_cpu = 0;
        long rest_rss = 0;
        for (;;) {
                if (wait4(-1, NULL, 0, &other) < 0) {
                        if (errno == EINTR)
                                continue;
                        break;
                }
                rest_cpu += cpu(&other);
                if (other.ru_maxrss > rest_rss)
                        rest_rss = other.ru_maxrss;
        }

        FILE *result = fopen(argv[1], "w");
        if (!result) {
                perror(argv[1]);
                return 1;
        }
        fprintf(result,
                "{\"status\": %d, \"wall_s\": %.6f, \"cpu_s\": %.6f, \"rss_kib\": %ld,"
                " \"rest_s\": %.6f, \"rest_cpu_s\": %.6f, \"rest_rss_kib\": %ld}\n",
                WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), end - begin, cpu(&usage),
                usage.ru_maxrss, now() - end, rest_cpu, rest_rss);
        return fclose(result) ? 1 : 0;
}
