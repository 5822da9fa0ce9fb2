/*
 * See rows.h.
 */
#include "render/rows.h"

#include "base/memo.h"
#include "base/message.h"
#include "render/fields.h"
#include "render/values.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int add_json_frame(void *context, const struct symbol_frame *frame) {
        return json_array_append_new(context, values_frame(frame)) < 0;
}

json_t *rows_json_place(const struct aggregate_entry *from) {
        const struct symbol_frame frame = { .file = from->file,
                                            .function = from->function,
                                            .module = from->module,
                                            .line = from->line,
                                            .has_line = from->has_line };

        return values_frame(&frame);
}

json_t *rows_json_more(json_t *made, json_t *more) {
        if (json_object_update_new(made, more) == 0)
                return made;
        json_decref(made);
        return NULL;
}

static int add_json_thread(json_t *entry, const struct trace_thread *thread) {
        return json_object_set_new(entry, "thread",
                                   values_text(thread && *thread->name ? thread->name : NULL)) < 0 ||
                               json_object_set_new(entry, "tid",
                                                   thread ? values_number(thread->tid) : json_null()) < 0 ||
                               json_object_set_new(entry, "start_s",
                                                   thread ? values_seconds(thread->start_time_ns)
                                                          : json_null()) < 0
                       ? -1
                       : 0;
}

static int put_thread(const struct trace_thread *thread, FILE *stream) {
        int error = fields_text(thread ? thread->name : NULL, ",", stream);

        if (thread)
                fprintf(stream, "%" PRIu64 ",%.15g", thread->tid,
                        (double)(thread->start_time_ns / MTR_TIME_UNIT_NS) / 1000);
        fputs(thread ? "," : ",,", stream);
        return error;
}

/* Adds what the key alone has; the entry itself when it worked, else NULL. */
static json_t *with_key(const struct report *report, const struct aggregate_entry *from, json_t *made) {
        int failed = !made;

        if (made && report->aggregate->wish.by == AGGREGATE_SIZE)
                failed = json_object_set_new(made, "from", values_number(from->least_bytes)) < 0 ||
                         json_object_set_new(made, "below", values_number(from->end_bytes)) < 0;
        if (made && report->aggregate->wish.by == AGGREGATE_THREAD)
                failed = add_json_thread(made, from->thread) < 0;
        if (made && report->aggregate->wish.by == AGGREGATE_DOMAIN)
                failed = json_object_set_new(made, "domain", values_text(from->domain)) < 0;
        if (made && report->aggregate->wish.by == AGGREGATE_TRACEBACK) {
                json_t *frames = json_array();

                failed = !frames || json_object_set_new(made, "frames", frames) < 0 ||
                         render_frames(report, from, add_json_frame, frames) != 0;
        }
        if (failed)
                json_decref(made);
        return failed ? NULL : made;
}

json_t *rows_json(const struct report *report, const struct aggregate_entry *from) {
        json_t *sums = json_pack("{s:o, s:o, s:o}", "size", values_number(from->size_bytes), "count",
                                 values_number(from->count), "average",
                                 from->count ? json_real((double)from->size_bytes / (double)from->count)
                                             : json_null());

        return with_key(report, from, rows_json_more(rows_json_place(from), sums));
}

static int add_csv_frame(void *context, const struct symbol_frame *frame) {
        fprintf(context, "%s%s", ftell(context) > 0 ? ";" : "", frame->file);
        if (frame->has_line)
                fprintf(context, ":%u", frame->line);
        return 0;
}

static int put_frames(const struct report *report, const struct aggregate_entry *entry, FILE *stream) {
        char *text = NULL;
        size_t length = 0;
        FILE *memory = memo_stream(&text, &length);
        int error = memory ? render_frames(report, entry, add_csv_frame, memory) : 0;

        if (!memory || fclose(memory) != 0)
                error = message_errno(ENOMEM, "report", "cannot print");
        if (error == 0)
                error = fields_text(text, ",", stream);
        free(text);
        return error;
}

/* The columns of what a row is about, each with its comma. */
static const char *key_columns(const struct report *report) {
        switch (report->aggregate->wish.by) {
        case AGGREGATE_SIZE:
                return "from,below,";
        case AGGREGATE_THREAD:
                return "thread,tid,start_s,";
        case AGGREGATE_DOMAIN:
                return "domain,";
        case AGGREGATE_TRACEBACK:
                return "file,line,function,module,frames,";
        default:
                return "file,line,function,module,";
        }
}

void rows_csv_names(const struct report *report, FILE *stream) {
        fputs(key_columns(report), stream);
        fputs("size,count,average", stream);
}

void rows_csv_nothing(const struct report *report, FILE *stream) {
        for (const char *at = key_columns(report); (at = strchr(at, ',')); at++)
                fputc(',', stream);
        fputs("0,0,", stream);
}

int rows_csv_place(const struct aggregate_entry *entry, FILE *stream) {
        int error = fields_text(entry->file, ",", stream);

        if (entry->has_line)
                fprintf(stream, "%u", entry->line);
        fputc(',', stream);
        if (error == 0)
                error = fields_text(entry->function, ",", stream);
        return error < 0 ? error : fields_text(entry->module, ",", stream);
}

int rows_csv(const struct report *report, const struct aggregate_entry *entry, FILE *stream) {
        enum aggregate_by by = report->aggregate->wish.by;
        int error = 0;

        if (by == AGGREGATE_SIZE)
                fprintf(stream, "%" PRIu64 ",%" PRIu64 ",", entry->least_bytes, entry->end_bytes);
        else if (by == AGGREGATE_THREAD)
                error = put_thread(entry->thread, stream);
        else if (by == AGGREGATE_DOMAIN)
                error = fields_text(entry->domain, ",", stream);
        else
                error = rows_csv_place(entry, stream);
        if (error == 0 && by == AGGREGATE_TRACEBACK)
                error = put_frames(report, entry, stream);
        fprintf(stream, "%" PRIu64 ",%" PRIu64 ",", entry->size_bytes, entry->count);
        if (entry->count > 0)
                fprintf(stream, "%.15g", (double)entry->size_bytes / (double)entry->count);
        return error;
}
