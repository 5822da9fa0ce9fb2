/*
 * Annotated source for machines: what is charged, line by line. Bytes, not MiB.
 */
#include "render/annotate.h"

#include "base/memo.h"
#include "base/message.h"
#include "render/fields.h"
#include "render/json.h"
#include "render/list.h"
#include "render/values.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define SCHEMA "memtrace-annotate-1"

/* A line's source as it may be shown; *contents stays NULL where there is none. Heap. 0 or -ENOMEM. */
static int read_contents(const struct sources_file *file, uint32_t number, char **contents) {
        size_t length_bytes, length;
        const char *line = file ? sources_line(file, number, &length_bytes) : NULL;
        FILE *memory;

        *contents = NULL;
        if (!line)
                return 0;
        memory = memo_stream(contents, &length);
        if (memory)
                annotate_contents(line, length_bytes, false, memory);
        if (memory && fclose(memory) == 0)
                return 0;
        free(*contents);
        *contents = NULL;
        return -ENOMEM;
}

/* *file is NULL for a place without lines. 0 or -ENOMEM, reported. */
static int find_source(const struct annotate *annotate, const struct annotation_table *table,
                       const struct sources_file **file) {
        *file = NULL;
        if (annotate_first_line(table) == table->line_count)
                return 0;
        *file = annotate_source(annotate, table, false);
        return *file ? 0 : -ENOMEM;
}

static json_t *high_of(const struct annotate *annotate, const struct aggregate_entry *entry) {
        return annotate->has_highs ? values_number(entry->high_bytes) : json_null();
}

static json_t *line_json(const struct annotate *annotate, const struct aggregate_entry *entry,
                         const struct sources_file *file) {
        char *contents;
        json_t *text;

        if (read_contents(file, entry->line, &contents) < 0)
                return NULL;
        text = contents ? json_string(contents) : json_null();
        free(contents);
        return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "line",
                         entry->has_line ? values_number(entry->line) : json_null(), "function",
                         values_text(entry->function), "mem_usage_bytes", high_of(annotate, entry),
                         "increment_bytes", values_number(entry->size_bytes), "occurrences",
                         values_number(entry->calls), "contents", text);
}

static json_t *table_json(const struct annotate *annotate, const struct annotation_table *table) {
        const struct sources_file *file;
        json_t *lines;

        if (find_source(annotate, table, &file) < 0)
                return NULL;
        lines = json_array();
        for (size_t i = 0; lines && i < table->line_count; i++)
                if (json_array_append_new(lines, line_json(annotate, &table->lines[i], file)) < 0) {
                        json_decref(lines);
                        lines = NULL;
                }
        return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "file", values_text(table->place->file),
                         "function", values_text(table->by_function ? table->place->function : NULL),
                         "module", values_text(table->place->module), "source",
                         values_text(file ? file->path : NULL), "increment_bytes",
                         values_number(table->place->size_bytes), "lines", lines);
}

int annotate_json(const struct annotate *annotate, FILE *stream) {
        struct list list;

        list_begin(&list, render_json_head(annotate->report, SCHEMA), "tables", stream);
        for (size_t i = 0; !list.failed && i < annotate->table_count; i++)
                list_add(&list, table_json(annotate, &annotate->tables[i]));
        return list_end(&list, annotate->report->trace_name);
}

static int put_line(const struct annotate *annotate, const struct annotation_table *table,
                    const struct aggregate_entry *entry, const struct sources_file *file, FILE *stream) {
        char *contents;
        int error = read_contents(file, entry->line, &contents);

        if (error < 0)
                return message_errno(ENOMEM, "annotate", "cannot print");
        error = fields_text(table->place->file, ",", stream);
        if (entry->has_line)
                fprintf(stream, "%" PRIu32, entry->line);
        fputc(',', stream);
        if (error == 0)
                error = fields_text(entry->function, ",", stream);
        if (error == 0)
                error = fields_text(entry->module, ",", stream);
        if (annotate->has_highs)
                fprintf(stream, "%" PRIu64, entry->high_bytes);
        fprintf(stream, ",%" PRIu64 ",%" PRIu64 ",", entry->size_bytes, entry->calls);
        if (error == 0)
                error = fields_text(contents, "\r\n", stream);
        free(contents);
        return error;
}

int annotate_csv(const struct annotate *annotate, FILE *stream) {
        int error = 0;

        fputs("file,line,function,module,mem_usage_bytes,increment_bytes,occurrences,contents\r\n", stream);
        for (size_t i = 0; error == 0 && i < annotate->table_count; i++) {
                const struct annotation_table *table = &annotate->tables[i];
                const struct sources_file *file;

                error = find_source(annotate, table, &file);
                for (size_t k = 0; error == 0 && k < table->line_count; k++)
                        error = put_line(annotate, table, &table->lines[k], file, stream);
        }
        return error;
}
