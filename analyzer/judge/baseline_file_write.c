/*
 * A baseline's file as it is written. One thread.
 */
#include "judge/baseline_file.h"

#include "base/memo.h"
#include "base/message.h"
#include "base/whole.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

/* The largest whole number of JSON readers, or less. */
static json_t *number(uint64_t value) {
        return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

/* Takes the value over, NULL being no memory. */
static bool put(FILE *stream, json_t *value) {
        bool done = value && json_dumpf(value, stream, JSON_ENCODE_ANY) == 0;

        json_decref(value);
        return done;
}

static bool put_row(FILE *stream, const struct baseline_row *row) {
        json_t *line = row->has_line ? json_integer(row->line) : NULL, *value;

        if (row->has_line && !line)
                return false;
        /* a NULL is left out */
        value = json_pack("{s:s*, s:o*, s:s*, s:s*, s:o, s:o}", "file", row->file, "line", line, "function",
                          row->function, "module", row->module, "bytes", number(row->bytes), "blocks",
                          number(row->blocks));

        fputs("        ", stream);
        return put(stream, value);
}

static bool put_texts(FILE *stream, const char *const *texts, size_t count) {
        bool done = true;

        fputc('[', stream);
        for (size_t i = 0; done && i < count; i++) {
                fputs(i ? ", " : "", stream);
                done = put(stream, json_string(texts[i]));
        }
        fputc(']', stream);
        return done;
}

static bool put_part(FILE *stream, const struct baseline_part *part) {
        fputs("    {\n      \"programs\": ", stream);
        if (!put_texts(stream, part->programs, part->program_count))
                return false;
        fputs(",\n      \"places\": [", stream);
        for (size_t i = 0; i < part->count; i++) {
                fputs(i ? ",\n" : "\n", stream);
                if (!put_row(stream, &part->rows[i]))
                        return false;
        }
        fputs(part->count ? "\n      ]\n    }" : "]\n    }", stream);
        return true;
}

static bool put_all(FILE *stream, const struct baseline *baseline) {
        const struct baseline_domains *domains = &baseline->domains;

        fprintf(stream,
                "{\n  \"schema\": \"" BASELINE_SCHEMA "\",\n  \"cost\": \"leaked\",\n  \"by\": \"%s\"",
                aggregate_by_names[baseline->by]);
        if (!baseline_domains_are_heap(domains)) {
                fputs(",\n  \"domains\": ", stream);
                if (!put_texts(stream, (const char *const *)domains->globs, domains->count))
                        return false;
        }
        fputs(",\n  \"parts\": [", stream);
        for (size_t i = 0; i < baseline->part_count; i++) {
                fputs(i ? ",\n" : "\n", stream);
                if (!put_part(stream, &baseline->parts[i]))
                        return false;
        }
        fputs(baseline->part_count ? "\n  ]\n}\n" : "]\n}\n", stream);
        return true;
}

char *baseline_file_text(struct baseline *baseline, size_t *length_bytes) {
        char *text = NULL;
        FILE *stream = memo_stream(&text, length_bytes);
        bool done;

        if (!stream)
                return NULL;
        baseline_sort(baseline);
        done = put_all(stream, baseline);
        if (fclose(stream) == 0 && done)
                return text;
        free(text);
        return NULL;
}

/* Whether the file is there and says just that. */
static bool says(const char *path, const char *text, size_t length_bytes) {
        FILE *file = fopen(path, "re");
        size_t at = 0;
        int letter = file ? 0 : EOF;

        while (file && at <= length_bytes && (letter = getc(file)) != EOF)
                if (at == length_bytes || letter != (unsigned char)text[at++])
                        break;
        if (file)
                fclose(file);
        return file && letter == EOF && at == length_bytes;
}

int baseline_file_write(const char *path, struct baseline *baseline, bool *same) {
        struct whole whole;
        size_t length_bytes;
        char *text = baseline_file_text(baseline, &length_bytes);
        int error = text ? 0 : message_errno(ENOMEM, path, "cannot write");

        *same = text && says(path, text, length_bytes);
        if (text && !*same)
                error = whole_begin_again(&whole, path);
        if (error == 0 && !*same) {
                fwrite(text, 1, length_bytes, whole.stream);
                error = whole_finish(&whole);
        }
        free(text);
        return error;
}
