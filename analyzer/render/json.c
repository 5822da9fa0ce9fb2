/*
 * The report as JSON.
 */
#include "render/render.h"

#include "base/message.h"
#include "render/values.h"

#include <errno.h>

#define SCHEMA "memtrace-report-1"

static json_t *line_of(const struct aggregate_entry *from) {
        return from->has_line ? values_number(from->line) : json_null();
}

static int add_frame(void *context, const struct symbol_frame *frame) {
        json_t *made = json_pack("{s:o, s:o, s:o, s:o}", "file", values_text(frame->file), "line",
                                 frame->has_line ? values_number(frame->line) : json_null(), "function",
                                 values_text(frame->function), "module", values_text(frame->module));

        return json_array_append_new(context, made) < 0;
}

/* Adds what the key alone has; the entry itself when it worked, else NULL. */
static json_t *with_key(const struct report *report, const struct aggregate_entry *from, json_t *made) {
        int failed = !made;

        if (made && report->aggregate->wish.by == AGGREGATE_SIZE)
                failed = json_object_set_new(made, "from", values_number(from->least_bytes)) < 0 ||
                         json_object_set_new(made, "below", values_number(from->end_bytes)) < 0;
        if (made && report->aggregate->wish.by == AGGREGATE_TRACEBACK) {
                json_t *frames = json_array();

                failed = !frames || json_object_set_new(made, "frames", frames) < 0 ||
                         render_frames(report, from, add_frame, frames) != 0;
        }
        if (failed)
                json_decref(made);
        return failed ? NULL : made;
}

static json_t *entry(const struct report *report, const struct aggregate_entry *from) {
        return with_key(report, from,
                        json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "file", values_text(from->file),
                                  "line", line_of(from), "function", values_text(from->function), "module",
                                  values_text(from->module), "size", values_number(from->size_bytes), "count",
                                  values_number(from->count), "average",
                                  from->count ? json_real((double)from->size_bytes / (double)from->count)
                                              : json_null()));
}

/* What only a report between two moments has. */
static int add_from(json_t *selection, const struct report *report) {
        if (!report->from)
                return 0;
        if (json_object_set_new(selection, "from", values_text(moment_name(report->from))) < 0 ||
            json_object_set_new(selection, "from_time_s", values_seconds(report->from_ns)) < 0)
                return -1;
        if (!report->less)
                return 0;
        return json_object_set_new(selection, "less_size", values_number(report->less->size_bytes)) < 0 ||
                               json_object_set_new(selection, "less_count",
                                                   values_number(report->less->blocks)) < 0
                       ? -1
                       : 0;
}

int render_report_json(const struct report *report, FILE *stream) {
        const struct aggregate *aggregate = report->aggregate;
        const struct aggregate_entry *from;
        struct render_walk walk = { 0 };
        json_t *entries = json_array(), *root;
        int failed;

        while (entries && (from = render_next(report, &walk)))
                if (json_array_append_new(entries, entry(report, from)) < 0) {
                        json_decref(entries);
                        entries = NULL;
                }
        root = json_pack("{s:s, s:{s:s, s:s, s:b, s:o, s:o, s:o, s:o}, s:o, s:o, s:o, s:I, s:o}", "schema",
                         SCHEMA, "selection", "cost", aggregate_cost_names[aggregate->wish.cost], "by",
                         aggregate_by_names[aggregate->wish.by], "cumulative", aggregate->wish.cumulative,
                         "at", values_text(moment_name(report->moment)), "time_s",
                         values_seconds(report->time_ns), "size", values_number(aggregate->size_bytes),
                         "count", values_number(aggregate->blocks), "process",
                         values_process(report->summary), "totals", values_totals(report->summary), "unseen",
                         values_text(report->summary->unseen), "damage",
                         (json_int_t)report->summary->damage_count, "entries", entries);
        failed = !root || add_from(json_object_get(root, "selection"), report) < 0 ||
                 json_dumpf(root, stream, JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(15)) < 0;
        json_decref(root);
        fputc('\n', stream);
        /* a stream that refuses is noticed, and reported, where the stream is closed */
        return failed && !ferror(stream) ? message_errno(ENOMEM, report->trace_name, "cannot write JSON") : 0;
}
