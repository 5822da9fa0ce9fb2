/*
 * Lines of source files. What debug information names may be anything, and is read only where it
 * is a plain file.
 */
#include "render/render.h"

#include "base/terminal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INDENT "    "

/* NULL when there is none. Heap. */
static char *source_line(const char *path, unsigned wanted) {
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        struct stat status;
        FILE *source;
        char *line = NULL;
        size_t capacity = 0;
        ssize_t length = -1;

        /* a path from debug information may name anything */
        if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || !(source = fdopen(fd, "r"))) {
                if (fd >= 0)
                        close(fd);
                return NULL;
        }
        for (unsigned number = 0; number < wanted; number++)
                if ((length = getline(&line, &capacity, source)) < 0)
                        break;
        fclose(source);
        if (length <= 0) {
                free(line);
                return NULL;
        }
        while (length > 0 && strchr(" \t\r\n\f\v", line[length - 1]))
                line[--length] = '\0';
        memmove(line, line + strspn(line, " \t\r\n\f\v"), (size_t)length + 1 - strspn(line, " \t\r\n\f\v"));
        return line;
}

void render_source_line(const char *file, bool has_line, unsigned number, FILE *stream) {
        char *line = has_line && number > 0 ? source_line(file, number) : NULL;

        if (line && *line) {
                fputs(INDENT, stream);
                terminal_put_start(stream, line, strlen(INDENT));
                fputc('\n', stream);
        }
        free(line);
}
