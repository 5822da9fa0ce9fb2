/*
 * See output.h. The template's letters are the tracer's (memtrace(7)); here only %p is known
 * beforehand, the rest matches anything.
 */
#include "launch/output.h"

#include "base/array.h"
#include "base/memo.h"
#include "base/message.h"
#include "base/path.h"
#include "reader/lock.h"
#include "reader/peek.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long the collector may take for the last of the trace; the summary is worth no longer. */
#define DRAIN_WAIT_MS 10000

/* `path` from the root; `escape`: it is a template, in which the working directory's % stand for themselves.
 */
static char *absolute(const char *path, bool escape) {
        char *here, *made = NULL;
        size_t length;
        FILE *stream;

        if (path[0] == '/')
                return strdup(path);
        here = getcwd(NULL, 0);
        stream = here ? memo_stream(&made, &length) : NULL;
        if (stream) {
                for (const char *at = here; *at; at++)
                        fprintf(stream, escape && *at == '%' ? "%%%%" : "%c", *at);
                fprintf(stream, "/%s", path);
                if (fclose(stream) != 0) {
                        free(made);
                        made = NULL;
                }
        }
        free(here);
        return made;
}

bool output_is_template(const char *template) {
        for (const char *at = template; *at; at++)
                if (*at == '%' && (!at[1] || !strchr("eph%t", *++at)))
                        return false;
        return *template && strlen(template) < PATH_MAX;
}

/* The one path a template without varying parts stands for; NULL where it varies, or no memory. */
static char *plain_path(const char *template) {
        char *path = strdup(template), *to = path;

        for (const char *at = template; path && *at; at++) {
                if (at[0] == '%' && at[1] != '%') {
                        free(path);
                        return NULL;
                }
                at += *at == '%';
                *to++ = *at;
        }
        if (path)
                *to = '\0';
        return path;
}

static bool directory_is_usable(const char *output) {
        char *template = strndup(output, (size_t)(path_base(output) - output));
        char *directory = template ? plain_path(template) : NULL;
        struct stat status;
        bool usable = false;

        if (!directory)
                usable = template; /* one that varies with the run cannot be judged before */
        else if (stat(directory, &status) < 0)
                message("%s: %s; the program runs untraced", directory, strerror(errno));
        else if (!S_ISDIR(status.st_mode))
                message("%s: not a directory; the program runs untraced", directory);
        else if (access(directory, W_OK | X_OK) < 0)
                message("%s: not writable (%s); the program runs untraced", directory, strerror(errno));
        else
                usable = true;
        free(directory);
        free(template);
        return usable;
}

char *output_prepare(const char *template, bool *usable) {
        char *output = absolute(template, true);
        char *plain = output ? plain_path(output) : NULL;
        struct stat status;

        *usable = false;
        if (!output)
                message("%s: cannot be made a full path: %s", template, strerror(errno));
        else if (!*path_base(output))
                message("%s: this names no file; the program runs untraced", template);
        else if (plain && lstat(plain, &status) == 0)
                message("%s: exists, and is not overwritten; the program runs untraced", template);
        else
                *usable = directory_is_usable(output);
        free(plain);
        return output;
}

/* Where a name is taken by the same process before its exec, the tracer puts ".PID" before the extension. */
static const char *extension(const char *template) {
        const char *base = path_base(template), *dot = strrchr(base, '.');

        return dot && dot != base ? dot : template + strlen(template);
}

/* The template as a glob pattern, for pid 0 of any process; `suffixed`: with what the tracer may add. */
static char *pattern(const char *template, pid_t pid, bool suffixed) {
        const char *end = extension(template);
        char *made = NULL;
        size_t length;
        FILE *stream = memo_stream(&made, &length);

        if (!stream)
                return NULL;
        for (const char *at = template;; at++) {
                if (at == end && suffixed)
                        fprintf(stream, pid ? ".%d*" : ".*", (int)pid);
                if (!*at)
                        break;
                if (at[0] == '%' && at[1] == 'p' && pid)
                        fprintf(stream, "%d", (int)pid), at++;
                else if (at[0] == '%' && at[1] == '%')
                        fputc('%', stream), at++;
                else if (at[0] == '%' && at[1])
                        fputc('*', stream), at++;
                else if (strchr("*?[\\", *at))
                        fprintf(stream, "\\%c", *at);
                else
                        fputc(*at, stream);
        }
        if (fclose(stream) != 0) {
                free(made);
                return NULL;
        }
        return made;
}

/* Whether there is a trace at `trace->path`, of `pid` or, for pid 0, of anybody; whose, and when it was
 * begun. */
static bool look_at(struct output_trace *trace, pid_t pid) {
        struct mtr_file_header header;

        if (!peek_header(trace->path, &header) || (pid && header.pid != (uint32_t)pid))
                return false;
        trace->pid = (pid_t)header.pid;
        trace->started_unix_ns = header.started_unix_ns;
        return true;
}

static void add(struct output_traces *found, struct output_trace trace) {
        for (size_t i = 0; i < found->count; i++)
                if (strcmp(found->traces[i].path, trace.path) == 0)
                        return;
        if (array_reserve(&found->traces, &found->capacity, found->count + 1, sizeof(*found->traces)) < 0)
                return;
        trace.path = strdup(trace.path);
        found->traces[found->count] = trace;
        found->count += trace.path != NULL;
}

static int by_start(const void *left_pointer, const void *right_pointer) {
        const struct output_trace *left = left_pointer, *right = right_pointer;

        return left->started_unix_ns < right->started_unix_ns
                       ? -1
                       : left->started_unix_ns > right->started_unix_ns;
}

void output_find(const char *template, pid_t pid, unsigned long long since_ns, struct output_traces *found) {
        *found = (struct output_traces){ 0 };
        for (int suffixed = 0; suffixed < 2; suffixed++) {
                char *wanted = pattern(template, pid, suffixed);
                glob_t matches;

                if (wanted && glob(wanted, GLOB_NOSORT, NULL, &matches) == 0) {
                        for (size_t i = 0; i < matches.gl_pathc; i++) {
                                struct output_trace trace = { .path = matches.gl_pathv[i] };

                                if (look_at(&trace, pid) && trace.started_unix_ns >= since_ns)
                                        add(found, trace);
                        }
                        globfree(&matches);
                }
                free(wanted);
        }
        if (found->count > 0)
                qsort(found->traces, found->count, sizeof(*found->traces), by_start);
}

void output_settle(const struct output_traces *found) {
        for (size_t i = 0; i < found->count; i++) {
                int fd = open(found->traces[i].path, O_RDONLY | O_CLOEXEC);

                if (fd < 0)
                        continue;
                lock_wait(fd, found->traces[i].pid, DRAIN_WAIT_MS, found->traces[i].path);
                close(fd);
        }
}

void output_traces_deinit(struct output_traces *found) {
        for (size_t i = 0; i < found->count; i++)
                free(found->traces[i].path);
        free(found->traces);
        *found = (struct output_traces){ 0 };
}

char *output_library(void) {
        static const char *const beside[] = { "../preload", MEMTRACE_BIN_TO_LIB };
        const char *asked = getenv("MEMTRACE_LIB");
        char self[4096];
        ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

        if (asked && *asked)
                return access(asked, R_OK) == 0 ? absolute(asked, false) : NULL;
        for (size_t i = 0; length > 0 && i < sizeof(beside) / sizeof(*beside); i++) {
                char *candidate, *real;

                self[length] = '\0';
                if (asprintf(&candidate, "%.*s%s/libmemtrace.so", (int)(path_base(self) - self), self,
                             beside[i]) < 0)
                        return NULL;
                real = realpath(candidate, NULL);
                free(candidate);
                if (real)
                        return real;
        }
        return access(MEMTRACE_LIBDIR "/libmemtrace.so", R_OK) == 0
                       ? strdup(MEMTRACE_LIBDIR "/libmemtrace.so")
                       : NULL;
}
