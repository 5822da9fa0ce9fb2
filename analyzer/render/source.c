/*
 * A line of source under a place.
 */
#include "render/render.h"

#include "base/message.h"
#include "base/terminal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define INDENT "    "

static bool is_blank(char byte) {
        return byte && strchr(" \t\r\n\f\v", byte);
}

int render_source_line(struct sources *sources, const struct symbol_frame *frame, FILE *stream) {
        const struct sources_file *file;
        const char *line;
        size_t length;
        char *copy;

        if (!sources || !frame || !frame->has_line)
                return 0;
        file = sources_get(sources, frame);
        if (!file)
                return -ENOMEM;
        line = sources_line(file, frame->line, &length);
        if (!line)
                return 0;
        for (; length > 0 && is_blank(line[length - 1]); length--)
                ;
        for (; length > 0 && is_blank(*line); length--)
                line++;
        if (length == 0)
                return 0;
        copy = strndup(line, length);
        if (!copy)
                return message_errno(ENOMEM, frame->file, "cannot print");
        fputs(INDENT, stream);
        terminal_put_start(stream, copy, strlen(INDENT));
        fputc('\n', stream);
        free(copy);
        return 0;
}
