/*
 * The tracer's only voice: one line on stderr at start, or when the collector is lost. One
 * write, so lines of several processes do not mix; no stdio, whose buffers are the program's.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "session/calls.h"
#include "tracer/tracer.h"

#define PARTS_MAX 10u

/* No buffer: this may be a handler on a small signal stack. */
static void add(struct iovec *parts, int *count, const char *text) {
        if (*count < (int)PARTS_MAX)
                parts[(*count)++] = (struct iovec){ (void *)(uintptr_t)text, strlen(text) };
}

void tracer_say(const char *part, ...) {
        int saved = errno, count = 0;
        struct iovec line[PARTS_MAX + 1];
        ssize_t written;
        va_list parts;

        if (!calls_allow(CALL_SAY))
                return;
        add(line, &count, "memtrace: ");
        va_start(parts, part);
        for (; part; part = va_arg(parts, const char *))
                add(line, &count, part);
        va_end(parts);
        line[count++] = (struct iovec){ "\n", 1 };
        written = writev(STDERR_FILENO, line, count);
        (void)written; /* nobody to tell */
        errno = saved;
}

void tracer_say_once(const char *part, const char *more) {
        if (atomic_exchange(&tracer.session->told, 1) == 0)
                tracer_say(part, more, NULL);
}
