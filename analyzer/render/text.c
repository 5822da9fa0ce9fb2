/*
 * The report as text: tracemalloc's lines, and its "Top 10 lines" recipe for --pretty.
 */
#include "render/render.h"

#include "base/message.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a person calls the cost. */
static const char *cost_words(const char *cost) {
        if (strcmp(cost, "live") == 0)
                return "live bytes";
        if (strcmp(cost, "leaked") == 0)
                return "bytes never freed";
        return strcmp(cost, "total") == 0 ? "bytes allocated" : "allocation calls";
}

static int put_place(const struct aggregate_entry *entry, FILE *stream) {
        char *place = aggregate_place(entry);

        if (!place)
                return message_errno(ENOMEM, "report", "cannot print");
        text_put(stream, place);
        free(place);
        return 0;
}

/* "the peak (1.234 s)" */
static int put_moment(const struct moment *moment, uint64_t time_ns, FILE *stream) {
        char *phrase = moment_phrase(moment);

        if (!phrase)
                return message_errno(ENOMEM, "report", "cannot print");
        text_put(stream, phrase);
        free(phrase);
        fprintf(stream, " (%s)", text_seconds(time_ns).text);
        return 0;
}

static int put_when(const struct report *report, FILE *stream) {
        int error = 0;

        if (report->from) {
                fputs(" from ", stream);
                error = put_moment(report->from, report->from_ns, stream);
        }
        fputs(report->from ? " to " : " at ", stream);
        return error < 0 ? error : put_moment(report->moment, report->time_ns, stream);
}

static void put_sum(const struct report *report, FILE *stream) {
        const struct aggregate *aggregate = report->aggregate, *less = report->less;

        fprintf(stream, ", %s in %" PRIu64 " blocks", text_size((double)aggregate->size_bytes, false).text,
                aggregate->blocks);
        if (less)
                fprintf(stream, " more, %s in %" PRIu64 " blocks less",
                        text_size((double)less->size_bytes, false).text, less->blocks);
        fputs(":\n", stream);
}

int render_statistic(const struct aggregate_entry *entry, FILE *stream) {
        int error = put_place(entry, stream);

        if (error < 0)
                return error;
        fprintf(stream, ": size=%s, count=%" PRIu64, text_size((double)entry->size_bytes, false).text,
                entry->count);
        if (entry->count > 0)
                fprintf(stream, ", average=%s",
                        text_size((double)entry->size_bytes / (double)entry->count, false).text);
        return 0;
}

int render_report_text(const struct report *report, FILE *stream) {
        const struct aggregate *aggregate = report->aggregate;
        size_t shown = aggregate->count < report->limit ? aggregate->count : report->limit;
        int error = render_summary(report->summary, stream);

        if (error < 0)
                return error;
        fprintf(stream, "\nTop %zu of %zu %ss by %s", shown, aggregate->count, report->by,
                cost_words(report->cost));
        error = put_when(report, stream);
        put_sum(report, stream);
        for (size_t i = 0; error == 0 && i < shown; i++) {
                error = render_statistic(&aggregate->entries[i], stream);
                fputc('\n', stream);
        }
        return error;
}

/* The line as linecache would give it, stripped; NULL when there is none. Heap. */
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

static int put_pretty_entry(const struct aggregate_entry *entry, size_t number, FILE *stream) {
        char *line;
        int error;

        fprintf(stream, "#%zu: ", number);
        error = put_place(entry, stream);
        if (error < 0)
                return error;
        fprintf(stream, ": %.1f KiB\n", (double)entry->size_bytes / 1024);
        line = entry->has_line && entry->line > 0 ? source_line(entry->file, entry->line) : NULL;
        if (line && *line) {
                fputs("    ", stream);
                text_put(stream, line);
                fputc('\n', stream);
        }
        free(line);
        return 0;
}

int render_report_pretty(const struct report *report, FILE *stream) {
        const struct aggregate *aggregate = report->aggregate;
        size_t shown = aggregate->count < report->limit ? aggregate->count : report->limit;
        uint64_t other_bytes = 0;
        int error = 0;

        if (report->summary->lost > 0 || report->summary->damage_count > 0 || report->summary->unseen)
                error = render_summary(report->summary, stream);
        fprintf(stream, "Top %zu %ss\n", report->limit, report->by);
        for (size_t i = 0; error == 0 && i < shown; i++)
                error = put_pretty_entry(&aggregate->entries[i], i + 1, stream);
        for (size_t i = shown; i < aggregate->count; i++)
                other_bytes += aggregate->entries[i].size_bytes;
        if (aggregate->count > shown)
                fprintf(stream, "%zu other: %.1f KiB\n", aggregate->count - shown,
                        (double)other_bytes / 1024);
        fprintf(stream, "Total allocated size: %.1f KiB\n", (double)aggregate->size_bytes / 1024);
        return error;
}
