/*
 * See shelf.h.
 */
#include "render/shelf.h"

#include "base/message.h"
#include "base/text.h"
#include "render/fields.h"
#include "render/json.h"
#include "render/list.h"
#include "render/values.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#define SCHEMA "memtrace-list-1"

struct started_text {
        char text[32];
};

/* UTC; empty where nobody knows. */
static struct started_text started(const struct summary *summary) {
        time_t seconds = (time_t)(summary->started_unix_ns / 1000000000u);
        struct started_text started = { "" };
        struct tm parts;

        if (seconds > 0 && gmtime_r(&seconds, &parts))
                strftime(started.text, sizeof(started.text), "%Y-%m-%d %H:%M:%S", &parts);
        return started;
}

int render_shelf_text(const struct shelf_row *rows, size_t count, FILE *stream) {
        int error = 0;

        for (size_t i = 0; error == 0 && i < count; i++) {
                const struct summary *summary = &rows[i].summary;
                char *ending = summary_ending(summary);

                if (!ending) {
                        error = message_errno(ENOMEM, rows[i].path, "cannot list");
                        break;
                }
                fprintf(stream, "%3zu  %-19s  %10s  %10s  ", i, started(summary).text,
                        text_duration((double)summary->duration_ns / 1e6).text,
                        text_size((double)summary->peak_bytes, false).text);
                text_put(stream, rows[i].path);
                fputs(": ", stream);
                text_put(stream, *summary->command ? summary->command : "<unknown>");
                fprintf(stream, ", %s\n", ending);
                free(ending);
        }
        return error;
}

int render_shelf_json(const struct shelf_row *rows, size_t count, FILE *stream) {
        struct list list;

        list_begin(&list, json_pack("{s:s}", "schema", SCHEMA), "traces", stream);
        for (size_t i = 0; i < count; i++)
                list_add(&list,
                         render_json_selected(json_pack("{s:o, s:o, s:o, s:o}", "number", values_number(i),
                                                        "trace", values_text(rows[i].path), "process",
                                                        values_process(&rows[i].summary), "totals",
                                                        values_totals(&rows[i].summary)),
                                              &rows[i].summary));
        return list_end(&list, "list");
}

int render_shelf_csv(const struct shelf_row *rows, size_t count, FILE *stream) {
        int error = 0;

        fputs("number,trace,program,pid,started,duration_s,peak_bytes,ended\r\n", stream);
        for (size_t i = 0; error == 0 && i < count; i++) {
                const struct summary *summary = &rows[i].summary;

                fprintf(stream, "%zu,", i);
                error = fields_text(rows[i].path, ",", stream);
                if (error == 0)
                        error = fields_text(summary->program, ",", stream);
                fprintf(stream, "%" PRIu32 ",%s,", summary->pid, started(summary).text);
                fields_seconds(summary->duration_ns, stream);
                fprintf(stream, ",%" PRIu64 ",%s\r\n", summary->peak_bytes, summary_ending_word(summary));
        }
        return error;
}
