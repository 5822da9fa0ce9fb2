/*
 * See values.h. Plain functions, no state.
 */
#include "render/values.h"

#include "base/text.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int values_put(json_t *value, size_t flags, FILE *stream) {
        bool failed = !value || (json_dumpf(value, stream, flags) < 0 && !ferror(stream));

        json_decref(value);
        return failed ? -ENOMEM : 0;
}

json_t *values_number(uint64_t value) {
        return json_integer((json_int_t)values_capped(value));
}

json_t *values_change(uint64_t earlier, uint64_t later) {
        uint64_t distance = earlier < later ? later - earlier : earlier - later;
        json_int_t capped = distance > INT64_MAX ? INT64_MAX : (json_int_t)distance;

        return json_integer(earlier < later ? capped : -capped);
}

json_t *values_real(double value) {
        return isfinite(value) ? json_real(value) : json_null();
}

json_t *values_seconds(uint64_t time_ns) {
        return json_real((double)(time_ns / 1000000) / 1000.0);
}

static json_t *values_text_of(const char *value, size_t length_bytes) {
        char *harmless;
        json_t *made;

        if (!value)
                return json_null();
        harmless = text_escape(value, length_bytes);
        made = harmless ? json_string(harmless) : NULL;
        free(harmless);
        return made;
}

json_t *values_text(const char *value) {
        return values_text_of(value, value ? strlen(value) : 0);
}

json_t *values_frame(const struct symbol_frame *frame) {
        return json_pack("{s:o, s:o, s:o, s:o}", "file", values_text(frame->file), "line",
                         frame->has_line ? values_number(frame->line) : json_null(), "function",
                         values_text(frame->function), "module", values_text(frame->module));
}

/* null: nobody knows, as of what was imported. */
static json_t *started(uint64_t unix_ns) {
        time_t unix_s = (time_t)(unix_ns / 1000000000u);
        char day[40], whole[60];
        struct tm when;

        if (unix_ns == 0 || !gmtime_r(&unix_s, &when) ||
            strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &when) == 0)
                return json_null();
        snprintf(whole, sizeof(whole), "%s.%03uZ", day, (unsigned)(unix_ns / 1000000 % 1000));
        return json_string(whole);
}

static json_t *arguments(const struct summary *summary) {
        json_t *array = json_array();

        for (size_t at = 0; array && at < summary->argv_bytes;) {
                size_t length = strnlen(summary->argv + at, summary->argv_bytes - at);

                if (json_array_append_new(array, values_text_of(summary->argv + at, length)) < 0) {
                        json_decref(array);
                        array = NULL;
                }
                at += length + 1;
        }
        return array;
}

json_t *values_process(const struct summary *summary) {
        bool exited = summary->has_end && summary->how == MTR_END_EXITED;
        bool signaled = summary->has_end && summary->how == MTR_END_SIGNALED;
        const char *how = summary_ending_word(summary);
        json_t *ended = exited || signaled ? json_pack("{s:s, s:I}", "how", how, exited ? "code" : "signal",
                                                       (json_int_t)summary->code)
                                           : json_pack("{s:s}", "how", how);

        return json_pack("{s:o, s:o, s:I, s:o, s:o}", "exe", values_text(summary->program), "argv",
                         arguments(summary), "pid", (json_int_t)summary->pid, "started",
                         started(summary->started_unix_ns), "ended", ended);
}

json_t *values_totals(const struct summary *summary) {
        return json_pack(
                "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "allocations",
                values_number(summary->allocations), "frees", values_number(summary->frees),
                "allocated_bytes", values_number(summary->allocated_bytes), "peak_bytes",
                values_number(summary->peak_bytes), "peak_time_s", values_seconds(summary->peak_time_ns),
                "leaked_bytes", values_number(summary->leaked_bytes), "leaked_blocks",
                values_number(summary->leaked_blocks), "temporary", values_number(summary->temporary),
                "foreign_frees", values_number(summary->foreign_frees), "lost", values_number(summary->lost),
                "peak_rss_bytes", values_number(summary->peak_rss_bytes), "duration_s",
                values_seconds(summary->duration_ns), "collector_cpu_s",
                json_real((double)summary->collector_cpu_ns / 1e9), "collector_rss_bytes",
                values_number(summary->collector_rss_bytes));
}

json_t *values_domain(const struct summary_domain *domain) {
        const struct trace_domain_end *end = &domain->end;

        return json_pack("{s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "name",
                         values_text(domain->name), "selected", (int)domain->taken, "allocations",
                         values_number(end->allocations), "frees", values_number(end->frees),
                         "allocated_bytes", values_number(end->allocated_bytes), "peak_bytes",
                         values_number(end->peak_bytes), "leaked_bytes", values_number(end->live_bytes),
                         "leaked_blocks", values_number(end->live_blocks), "temporary",
                         values_number(end->temporary), "unknown_frees", values_number(end->foreign_frees),
                         "reported_twice", values_number(end->doubles));
}

json_t *values_domains(const struct summary *summary) {
        json_t *array = json_array();

        for (size_t i = 0; array && i < summary->domain_count; i++)
                if (json_array_append_new(array, values_domain(&summary->domains[i])) < 0) {
                        json_decref(array);
                        array = NULL;
                }
        return array;
}

json_t *values_taken(const struct summary *summary) {
        json_t *array = json_array();
        bool failed =
                !array || (summary->has_heap && json_array_append_new(array, json_string(DOMAINS_HEAP)) < 0);

        for (size_t i = 0; !failed && i < summary->domain_count; i++)
                failed = summary->domains[i].taken &&
                         json_array_append_new(array, values_text(summary->domains[i].name)) < 0;
        if (!failed)
                return array;
        json_decref(array);
        return NULL;
}

json_t *values_merged(const struct summary_process *process) {
        const struct summary *run = &process->run;
        json_t *made = values_process(run);
        json_t *figures = json_pack(
                "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "live_bytes",
                values_number(process->live_bytes), "live_blocks", values_number(process->live_blocks),
                "allocations", values_number(run->allocations), "frees", values_number(run->frees),
                "allocated_bytes", values_number(run->allocated_bytes), "peak_bytes",
                values_number(run->peak_bytes), "peak_time_s", values_seconds(run->peak_time_ns),
                "leaked_bytes", values_number(run->leaked_bytes), "leaked_blocks",
                values_number(run->leaked_blocks), "temporary", values_number(run->temporary), "lost",
                values_number(run->lost), "duration_s", values_seconds(run->duration_ns));
        bool failed = !made || !figures || json_object_del(made, "argv") < 0 ||
                      json_object_update(made, figures) < 0;

        json_decref(figures);
        if (!failed)
                return made;
        json_decref(made);
        return NULL;
}
