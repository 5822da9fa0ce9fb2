/*
 * What the user is told on stderr: one line each, "memtrace: ...", with names from outside
 * made harmless. The only way to stderr for everything that is not a usage text.
 *
 * Must not: exit, or be called twice for one error.
 */
#ifndef ANALYZER_BASE_MESSAGE_H
#define ANALYZER_BASE_MESSAGE_H

#include <stdarg.h>

__attribute__((format(printf, 1, 2))) void message(const char *format, ...);

/* For code that may run where nobody should be talked to (fuzzing, unit tests). */
void message_silence(void);

/* Reports `what` failed for `name` and returns -error_number, so that `return message_errno(...)` reads well.
 */
int message_errno(int error_number, const char *name, const char *what);

#endif
