/*
 * See message.h. The flag is set once, before anything else runs.
 */
#include "base/message.h"

#include "base/progress.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool silenced;

void message_silence(void) {
        silenced = true;
}

void message(const char *format, ...) {
        char *line = NULL;
        va_list arguments;

        if (silenced)
                return;
        va_start(arguments, format);
        if (vasprintf(&line, format, arguments) < 0)
                line = NULL;
        va_end(arguments);
        progress_end();
        fputs("memtrace: ", stderr);
        text_put(stderr, line ? line : "out of memory");
        fputc('\n', stderr);
        free(line);
}

int message_errno(int error_number, const char *name, const char *what) {
        message("%s: %s: %s", name, what, strerror(error_number));
        return -error_number;
}
