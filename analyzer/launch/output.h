/*
 * Where the trace of a run will be: checked before, found after.
 *
 * Must not: create or change a file.
 */
#ifndef ANALYZER_LAUNCH_OUTPUT_H
#define ANALYZER_LAUNCH_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define OUTPUT_DEFAULT "memtrace.%e.%p.mtr"

/* Whether every % of it is followed by a letter the tracer knows. */
bool output_is_template(const char *template);

/*
 * The template made absolute. A reason why nothing could be written there is one line on stderr
 * and *usable false. Heap; NULL: no memory.
 */
char *output_prepare(const char *template, bool *usable);

/* Traces of one process, in the order they were begun. */
struct output_traces {
        struct output_trace {
                char *path;
                pid_t pid;
                unsigned long long started_unix_ns;
        } * traces;
        size_t count, capacity;
};

/*
 * The traces of `pid` that the template names and that were begun no earlier than `since_ns`: one,
 * or one for each program where it replaced itself by another (exec). Of all processes for pid 0.
 */
void output_find(const char *template, pid_t pid, unsigned long long since_ns, struct output_traces *found);

/* Waits for the last of those whose process has ended, as long as a collector may take for it. */
void output_settle(const struct output_traces *found);
void output_traces_deinit(struct output_traces *found);

/* libmemtrace.so: MEMTRACE_LIB, beside this program's own place, or where it was installed. Heap or NULL. */
char *output_library(void);

#endif
