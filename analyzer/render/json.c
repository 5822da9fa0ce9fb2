/*
 * The report as JSON, through jansson: names that are not UTF-8 are escaped first, numbers beyond
 * what JSON readers take are capped.
 */
#include "render/render.h"

#include "base/message.h"
#include "base/text.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SCHEMA "memtrace-report-1"

static json_t *number(uint64_t value) {
        return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

/* Rounded to what the text shows, so that the same trace gives the same bytes everywhere. */
static json_t *seconds(uint64_t time_ns) {
        return json_real((double)(time_ns / 1000000) / 1000.0);
}

static json_t *text(const char *value, size_t length_bytes) {
        char *harmless;
        json_t *made;

        if (!value)
                return json_null();
        harmless = text_escape(value, length_bytes);
        made = harmless ? json_string(harmless) : NULL;
        free(harmless);
        return made;
}

static json_t *whole_text(const char *value) {
        return text(value, value ? strlen(value) : 0);
}

static json_t *started(uint64_t unix_ns) {
        time_t unix_s = (time_t)(unix_ns / 1000000000u);
        char day[40], whole[60];
        struct tm when;

        if (!gmtime_r(&unix_s, &when) || strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &when) == 0)
                return json_null();
        snprintf(whole, sizeof(whole), "%s.%03uZ", day, (unsigned)(unix_ns / 1000000 % 1000));
        return json_string(whole);
}

static json_t *arguments(const struct summary *summary) {
        json_t *array = json_array();

        for (size_t at = 0; array && at < summary->argv_bytes;) {
                size_t length = strnlen(summary->argv + at, summary->argv_bytes - at);

                if (json_array_append_new(array, text(summary->argv + at, length)) < 0) {
                        json_decref(array);
                        array = NULL;
                }
                at += length + 1;
        }
        return array;
}

static json_t *process(const struct summary *summary) {
        json_t *ended = json_pack("{s:s}", "how", summary_ending_word(summary));

        if (ended && summary->has_end && summary->how == MTR_END_EXITED)
                json_object_set_new(ended, "code", json_integer(summary->code));
        if (ended && summary->has_end && summary->how == MTR_END_SIGNALED)
                json_object_set_new(ended, "signal", json_integer(summary->code));
        return json_pack("{s:o, s:o, s:I, s:o, s:o}", "exe", whole_text(summary->program), "argv",
                         arguments(summary), "pid", (json_int_t)summary->pid, "started",
                         started(summary->started_unix_ns), "ended", ended);
}

static json_t *totals(const struct summary *summary) {
        return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
                         "allocations", number(summary->allocations), "frees", number(summary->frees),
                         "allocated_bytes", number(summary->allocated_bytes), "peak_bytes",
                         number(summary->peak_bytes), "peak_time_s", seconds(summary->peak_time_ns),
                         "leaked_bytes", number(summary->leaked_bytes), "leaked_blocks",
                         number(summary->leaked_blocks), "temporary", number(summary->temporary),
                         "foreign_frees", number(summary->foreign_frees), "lost", number(summary->lost),
                         "peak_rss_bytes", number(summary->peak_rss_bytes), "duration_s",
                         seconds(summary->duration_ns), "collector_cpu_s",
                         json_real((double)summary->collector_cpu_ns / 1e9), "collector_rss_bytes",
                         number(summary->collector_rss_bytes));
}

static json_t *line_of(const struct aggregate_entry *from) {
        return from->has_line ? number(from->line) : json_null();
}

static int add_frame(void *context, const struct symbol_frame *frame) {
        json_t *made = json_pack("{s:o, s:o, s:o, s:o}", "file", whole_text(frame->file), "line",
                                 frame->has_line ? number(frame->line) : json_null(), "function",
                                 whole_text(frame->function), "module", whole_text(frame->module));

        return json_array_append_new(context, made) < 0;
}

/* Adds what the key alone has; the entry itself when it worked, else NULL. */
static json_t *with_key(const struct report *report, const struct aggregate_entry *from, json_t *made) {
        int failed = !made;

        if (made && report->aggregate->wish.by == AGGREGATE_SIZE)
                failed = json_object_set_new(made, "from", number(from->least_bytes)) < 0 ||
                         json_object_set_new(made, "below", number(from->end_bytes)) < 0;
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
                        json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "file", whole_text(from->file),
                                  "line", line_of(from), "function", whole_text(from->function), "module",
                                  whole_text(from->module), "size", number(from->size_bytes), "count",
                                  number(from->count), "average",
                                  from->count ? json_real((double)from->size_bytes / (double)from->count)
                                              : json_null()));
}

/* What only a report between two moments has. */
static int add_from(json_t *selection, const struct report *report) {
        if (!report->from)
                return 0;
        if (json_object_set_new(selection, "from", whole_text(moment_name(report->from))) < 0 ||
            json_object_set_new(selection, "from_time_s", seconds(report->from_ns)) < 0)
                return -1;
        if (!report->less)
                return 0;
        return json_object_set_new(selection, "less_size", number(report->less->size_bytes)) < 0 ||
                               json_object_set_new(selection, "less_count", number(report->less->blocks)) < 0
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
                         "at", whole_text(moment_name(report->moment)), "time_s", seconds(report->time_ns),
                         "size", number(aggregate->size_bytes), "count", number(aggregate->blocks), "process",
                         process(report->summary), "totals", totals(report->summary), "unseen",
                         whole_text(report->summary->unseen), "damage",
                         (json_int_t)report->summary->damage_count, "entries", entries);
        failed = !root || add_from(json_object_get(root, "selection"), report) < 0 ||
                 json_dumpf(root, stream, JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(15)) < 0;
        json_decref(root);
        fputc('\n', stream);
        /* a stream that refuses is noticed, and reported, where the stream is closed */
        return failed && !ferror(stream) ? message_errno(ENOMEM, report->trace_name, "cannot write JSON") : 0;
}
