/*
 * A line of source under a place, and whether it may be another than the one that ran.
 */
#include "render/render.h"

#include "base/message.h"
#include "base/terminal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define INDENT "    "

static bool is_blank(char byte) {
        return byte && strchr(" \t\r\n\f\v", byte);
}

static bool is_later(struct timespec time, struct timespec than) {
        return time.tv_sec > than.tv_sec || (time.tv_sec == than.tv_sec && time.tv_nsec > than.tv_nsec);
}

/* What a source was changed after, as far as files tell; NULL: neither. */
static const char *what_it_is_newer_than(const struct report *report, const struct symbol_frame *frame,
                                         const struct sources_file *file) {
        uint64_t started_ns = report->summary->started_unix_ns;
        struct timespec started = { (time_t)(started_ns / 1000000000u), (long)(started_ns % 1000000000u) };
        struct stat status;

        if (frame->module && stat(frame->module, &status) == 0 && is_later(file->modified, status.st_mtim))
                return "the program";
        return started_ns > 0 && is_later(file->modified, started) ? "the trace" : NULL;
}

bool render_is_news(struct sources *sources, const char *path) {
        size_t known = sources->told.count;
        uint32_t number;

        return intern_text(&sources->told, path, &number) == 0 && number >= known;
}

void render_tell_newer(const struct report *report, const struct symbol_frame *frame,
                       const struct sources_file *file) {
        const char *newer;

        if (!file->path || !render_is_news(report->sources, file->path))
                return;
        newer = what_it_is_newer_than(report, frame, file);
        if (newer)
                message("%s: newer than %s, so its lines may not be those that ran", file->path, newer);
}

int render_source_line(const struct report *report, const struct symbol_frame *frame, FILE *stream) {
        const struct sources_file *file;
        const char *line;
        size_t length;
        char *copy;

        if (!report->sources || !frame || !frame->has_line)
                return 0;
        file = sources_get(report->sources, frame);
        if (!file)
                return -ENOMEM;
        line = sources_line(file, frame->line, &length);
        if (!line)
                return 0;
        render_tell_newer(report, frame, file);
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
