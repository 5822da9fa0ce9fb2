/*
 * See moments.h.
 */
#include "render/moments.h"

#include "base/text.h"
#include "render/fields.h"
#include "render/json.h"
#include "render/list.h"
#include "render/values.h"

#include <inttypes.h>

#define SCHEMA "memtrace-moments-1"

int render_moments_text(const struct moments *traces, size_t count, FILE *stream) {
        for (size_t i = 0; i < count; i++) {
                if (count > 1) {
                        fputs(i > 0 ? "\n" : "", stream);
                        text_put(stream, traces[i].trace_name);
                        fputs(":\n", stream);
                }
                fprintf(stream, "%12s %10s %12s  %-8s  %s\n", "time", "size", "count", "kind", "moment");
                for (size_t k = 0; k < traces[i].count; k++) {
                        const struct moments_row *row = &traces[i].rows[k];

                        fprintf(stream, "%12s %10s %12" PRIu64 "  %-8s  @", text_seconds(row->time_ns).text,
                                text_size((double)row->live_bytes, false).text, row->live_blocks, row->kind);
                        text_put(stream, row->name);
                        fputc('\n', stream);
                }
        }
        return 0;
}

static json_t *rows_of(const struct moments *trace) {
        json_t *array = json_array();

        for (size_t i = 0; array && i < trace->count; i++) {
                const struct moments_row *row = &trace->rows[i];

                if (json_array_append_new(array, json_pack("{s:o, s:s, s:o, s:o, s:o}", "name",
                                                           values_text(row->name), "kind", row->kind,
                                                           "time_s", values_seconds(row->time_ns), "size",
                                                           values_number(row->live_bytes), "count",
                                                           values_number(row->live_blocks))) < 0) {
                        json_decref(array);
                        array = NULL;
                }
        }
        return array;
}

int render_moments_json(const struct moments *traces, size_t count, FILE *stream) {
        struct list list;

        list_begin(&list, json_pack("{s:s}", "schema", SCHEMA), "traces", stream);
        for (size_t i = 0; i < count; i++)
                list_add(&list, render_json_selected(json_pack("{s:o, s:o}", "trace",
                                                               values_text(traces[i].trace_name), "moments",
                                                               rows_of(&traces[i])),
                                                     traces[i].domains));
        return list_end(&list, "snapshot list");
}

int render_moments_csv(const struct moments *traces, size_t count, FILE *stream) {
        int error = 0;

        fputs("trace,name,kind,time_s,size,count\r\n", stream);
        for (size_t i = 0; i < count; i++)
                for (size_t k = 0; error == 0 && k < traces[i].count; k++) {
                        const struct moments_row *row = &traces[i].rows[k];

                        error = fields_text(traces[i].trace_name, ",", stream);
                        if (error == 0)
                                error = fields_text(row->name, ",", stream);
                        fprintf(stream, "%s,", row->kind);
                        fields_seconds(row->time_ns, stream);
                        fprintf(stream, ",%" PRIu64 ",%" PRIu64 "\r\n", row->live_bytes, row->live_blocks);
                }
        return error;
}
