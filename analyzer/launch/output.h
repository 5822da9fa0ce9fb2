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

/* The trace of `pid` that the template names and that was begun no earlier than `since_ns`; heap or NULL. */
char *output_find(const char *template, pid_t pid, unsigned long long since_ns);

/* libmemtrace.so: MEMTRACE_LIB, beside this program's own place, or where it was installed. Heap or NULL. */
char *output_library(void);

#endif
