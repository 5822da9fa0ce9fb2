/*
 * The tracer's only voice: one line on stderr at start, or when the collector is lost. One
 * write, so lines of several processes do not mix; no stdio, whose buffers are the program's.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "tracer/tracer.h"

#define LINE_MAX 6144u

static size_t append(char *line, size_t used, const char *text) {
        size_t bytes = strlen(text);

        if (bytes > LINE_MAX - 2 - used)
                bytes = LINE_MAX - 2 - used;
        memcpy(line + used, text, bytes);
        return used + bytes;
}

void tracer_say(const char *part, ...) {
        int saved = errno;
        char line[LINE_MAX];
        size_t used = append(line, 0, "memtrace: ");
        ssize_t written;
        va_list parts;

        va_start(parts, part);
        for (; part; part = va_arg(parts, const char *))
                used = append(line, used, part);
        va_end(parts);
        line[used++] = '\n';
        written = write(STDERR_FILENO, line, used);
        (void)written; /* nobody to tell */
        errno = saved;
}
