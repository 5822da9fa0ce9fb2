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

static json_t *entry(const struct aggregate_entry *from) {
        return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "file", whole_text(from->file), "line",
                         from->has_line ? number(from->line) : json_null(), "function",
                         whole_text(from->function), "module", whole_text(from->module), "size",
                         number(from->size_bytes), "count", number(from->count), "average",
                         from->count ? json_real((double)from->size_bytes / (double)from->count)
                                     : json_null());
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
        json_t *entries = json_array(), *root;
        int failed;

        for (size_t i = 0; entries && i < aggregate->count && i < report->limit; i++)
                if (json_array_append_new(entries, entry(&aggregate->entries[i])) < 0) {
                        json_decref(entries);
                        entries = NULL;
                }
        root = json_pack("{s:s, s:{s:s, s:s, s:o, s:o}, s:o, s:o, s:o, s:I, s:o}", "schema", SCHEMA,
                         "selection", "cost", report->cost, "by", report->by, "at",
                         whole_text(moment_name(report->moment)), "time_s", seconds(report->time_ns),
                         "process", process(report->summary), "totals", totals(report->summary), "unseen",
                         whole_text(report->summary->unseen), "damage",
                         (json_int_t)report->summary->damage_count, "entries", entries);
        failed = !root || add_from(json_object_get(root, "selection"), report) < 0 ||
                 json_dumpf(root, stream, JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(15)) < 0;
        json_decref(root);
        fputc('\n', stream);
        /* a stream that refuses is noticed, and reported, where the stream is closed */
        return failed && !ferror(stream) ? message_errno(ENOMEM, report->trace_name, "cannot write JSON") : 0;
}
