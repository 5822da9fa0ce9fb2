/*
 * The report as JSON.
 */
#include "render/render.h"

#include "base/message.h"
#include "render/rows.h"
#include "render/values.h"

#include <errno.h>

#define SCHEMA "memtrace-report-1"

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
                if (json_array_append_new(entries, rows_json(report, from)) < 0) {
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
