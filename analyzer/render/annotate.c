/*
 * See annotate.h. The text is memory_profiler's show_results to the byte, with what it has no place for left
 * out. One thread.
 */
#include "render/annotate.h"

#include "base/memo.h"
#include "base/message.h"
#include "base/terminal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TAB_COLUMNS 8u
#define MIB 1048576.0
#define FIGURES_COLUMNS 47u

static void tell(const struct annotate *annotate, const struct annotation_table *table,
                 const struct sources_file *file, bool tell_missing) {
        const char *name = table->place->file;

        if (!file->why)
                render_tell_newer(annotate->report, table->place->frame, file);
        else if (render_is_news(annotate->report->sources, file->path ? file->path : name) && tell_missing)
                message("%s: no source to show: %s; see --source-dir", name, file->why);
}

const struct sources_file *annotate_source(const struct annotate *annotate,
                                           const struct annotation_table *table, bool tell_missing) {
        const struct sources_file *file = sources_get(annotate->report->sources, table->place->frame);

        if (file)
                tell(annotate, table, file, tell_missing);
        return file;
}

size_t annotate_first_line(const struct annotation_table *table) {
        size_t first = 0;

        while (first < table->line_count && !table->lines[first].has_line)
                first++;
        return first;
}

void annotate_contents(const char *text, size_t length_bytes, bool expand, FILE *stream) {
        size_t columns = 0;

        for (;;) {
                const char *tab = memchr(text, '\t', length_bytes);
                size_t plain = tab ? (size_t)(tab - text) : length_bytes;
                size_t blanks = TAB_COLUMNS - (columns + plain) % TAB_COLUMNS;

                text_put_bytes(stream, text, plain);
                if (!tab)
                        break;
                fprintf(stream, "%*s", expand ? (int)blanks : 0, expand ? "" : "\t");
                columns += plain + blanks;
                text += plain + 1;
                length_bytes -= plain + 1;
        }
}

/* What stands on a line of the text; a line of source alone has no entry. */
struct row {
        uint32_t number;
        const struct aggregate_entry *entry;
};

struct printing {
        const struct annotate *annotate;
        const struct sources_file *file;
        FILE *stream;
        uint32_t next; /* number behind the row before; 0: there was none */
};

static void put_mib(const struct printing *printing, bool known, uint64_t size_bytes) {
        int precision = printing->annotate->precision;
        char text[60] = "";

        if (known)
                snprintf(text, sizeof(text), "%*.*f MiB", precision + 4, precision, (double)size_bytes / MIB);
        fprintf(printing->stream, " %12s", text);
}

static void put_figures(const struct printing *printing, const struct aggregate_entry *entry) {
        FILE *stream = printing->stream;
        char calls[24] = "";

        put_mib(printing, entry && printing->annotate->has_highs, entry ? entry->high_bytes : 0);
        terminal_style(stream, entry ? TERMINAL_SIZE : TERMINAL_PLAIN);
        put_mib(printing, entry, entry ? entry->size_bytes : 0);
        terminal_style(stream, TERMINAL_PLAIN);
        if (entry)
                snprintf(calls, sizeof(calls), "%" PRIu64, entry->calls);
        fprintf(stream, "  %10s   ", calls);
}

static int put_source(const char *line, size_t length_bytes, FILE *stream) {
        char *text = NULL;
        size_t length;
        FILE *memory;

        if (terminal_columns(stream) == SIZE_MAX) {
                annotate_contents(line, length_bytes, false, stream);
                return 0;
        }
        memory = memo_stream(&text, &length);
        if (memory)
                annotate_contents(line, length_bytes, true, memory);
        if (!memory || fclose(memory) != 0) {
                free(text);
                return message_errno(ENOMEM, "annotate", "cannot print");
        }
        terminal_put_start(stream, text, FIGURES_COLUMNS);
        free(text);
        return 0;
}

static int put_row(struct printing *printing, uint32_t number, const struct aggregate_entry *entry) {
        size_t length_bytes;
        const char *line = sources_line(printing->file, number, &length_bytes);
        int error = 0;

        if (printing->next && number > printing->next && printing->annotate->context_lines != ANNOTATE_WHOLE)
                fprintf(printing->stream, "%6s\n", "...");
        printing->next = number + 1;
        fprintf(printing->stream, "%6" PRIu32, number);
        put_figures(printing, entry);
        if (line)
                error = put_source(line, length_bytes, printing->stream);
        fputc('\n', printing->stream);
        return error;
}

/* Whether a line begins with the brace that closes what begins on line `first`. */
static bool is_closing(const struct sources_file *file, uint32_t first, uint32_t number) {
        size_t length_bytes, head_bytes, at = 0;
        const char *line = sources_line(file, number, &length_bytes),
                   *head = sources_line(file, first, &head_bytes);

        while (line && head && at < length_bytes && at < head_bytes && line[at] == head[at] &&
               (line[at] == ' ' || line[at] == '\t'))
                at++;
        return line && head && at < length_bytes && line[at] == '}';
}

/* From where to where the source is shown, charged or not. False: no further than it is charged. */
static bool find_extent(const struct printing *printing, const struct annotation_table *table,
                        uint32_t *first, uint32_t *last) {
        *first = 1;
        *last = (uint32_t)printing->file->line_count;
        if (!table->by_function)
                return true;
        if (!symbols_extent(printing->annotate->symbols, table->place->frame, first, last))
                return false;
        /* where a function is inlined, its end has no code */
        if (*last < UINT32_MAX && is_closing(printing->file, *first, *last + 1))
                ++*last;
        return true;
}

/* Whether the line is near enough to an entry: to the one before `next` or to that. */
static bool is_near(const struct printing *printing, const struct annotation_table *table, size_t next,
                    uint32_t number) {
        size_t context = printing->annotate->context_lines;

        return (next < table->line_count && table->lines[next].line - number <= context) ||
               (next > 0 && table->lines[next - 1].has_line &&
                number - table->lines[next - 1].line <= context);
}

/* All entries, and the lines around them that the source has. */
static int put_lines(struct printing *printing, const struct annotation_table *table) {
        size_t next = annotate_first_line(table);
        uint32_t first, last, number = table->lines[next].line;
        uint32_t most = table->lines[table->line_count - 1].line;
        int error = 0;

        if (find_extent(printing, table, &first, &last)) {
                number = first < number ? first : number;
                most = last > most ? last : most;
        }
        if (most > printing->file->line_count)
                most = (uint32_t)printing->file->line_count;
        for (; error == 0 && number <= most; number++) {
                if (next < table->line_count && table->lines[next].line == number)
                        error = put_row(printing, number, &table->lines[next++]);
                else if (is_near(printing, table, next, number))
                        error = put_row(printing, number, NULL);
        }
        for (; error == 0 && next < table->line_count; next++) /* beyond the source's end */
                error = put_row(printing, table->lines[next].line, &table->lines[next]);
        return error;
}

static int put_table(const struct annotate *annotate, const struct annotation_table *table, FILE *stream) {
        struct printing printing = { .annotate = annotate, .stream = stream };
        int error, width;

        printing.file = annotate_source(annotate, table, true);
        if (!printing.file)
                return -ENOMEM;
        fputs("Filename: ", stream);
        terminal_put_place(stream, table->place->file, strlen("Filename: "));
        fputs("\n\n", stream);
        terminal_style(stream, TERMINAL_HEADING);
        width = fprintf(stream, "%6s %12s %12s  %10s   %s", "Line #", "Mem usage", "Increment", "Occurrences",
                        "Line Contents");
        fputc('\n', stream);
        for (int i = 0; i < width; i++)
                fputc('=', stream);
        terminal_style(stream, TERMINAL_PLAIN);
        fputc('\n', stream);
        error = put_lines(&printing, table);
        fputs("\n\n", stream);
        return error;
}

int annotate_text(const struct annotate *annotate, FILE *stream) {
        uint64_t left_bytes = 0;
        size_t left = 0;
        int error = render_is_flawed(annotate->report->summary)
                            ? render_summary(annotate->report->summary, stream)
                            : 0;

        for (size_t i = 0; error == 0 && i < annotate->table_count; i++) {
                const struct annotation_table *table = &annotate->tables[i];

                if (annotate_first_line(table) < table->line_count) {
                        error = put_table(annotate, table, stream);
                } else {
                        left++;
                        left_bytes += table->place->size_bytes;
                }
        }
        if (left > 0)
                message("%zu of the places have no lines, with %s: they need debug information (-g)", left,
                        text_size((double)left_bytes, false).text);
        return error;
}
