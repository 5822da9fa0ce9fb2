/*
 * See snapshot_values.h. Plain functions, no state.
 */
#include "render/snapshot_values.h"

#include "render/values.h"
#include "state/snapshot.h"

#include <stdlib.h>
#include <string.h>

json_t *snapshot_hexadecimal(const uint8_t *bytes, size_t length_bytes) {
        char *text = malloc(2 * length_bytes + 1);
        json_t *made;

        if (!text)
                return NULL;
        text[0] = '\0';
        for (size_t i = 0; i < length_bytes; i++)
                sprintf(text + 2 * i, "%02x", bytes[i]);
        made = json_string(text);
        free(text);
        return made;
}

/* The very bytes: other than a report's, which makes them harmless. */
json_t *snapshot_exact_text(const char *value) {
        json_t *made = value ? json_string(value) : json_null();

        if (made)
                return made;
        return json_pack("{s:o}", "bytes", snapshot_hexadecimal((const uint8_t *)value, strlen(value)));
}

json_t *snapshot_moment(const struct state *state) {
        struct snapshot_sums sums = snapshot_sum(&state->range.more);

        return json_pack(
                "{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "kind", snapshot_kinds[state->moment.kind],
                "name", snapshot_exact_text(moment_name(&state->moment)), "time_s",
                values_seconds(state->range.to_ns), "time_ns", values_number(state->range.to_ns),
                "live_bytes", values_number(sums.live_bytes), "live_blocks", values_number(sums.live_blocks),
                "allocated_bytes", values_number(sums.allocated_bytes), "allocations",
                values_number(sums.allocations), "temporary", values_number(sums.temporary));
}

static json_t *arguments(const struct summary *summary) {
        json_t *array = json_array();

        /* the last may be cut and lack its NUL; the trace's text has one there */
        for (size_t at = 0; array && at < summary->argv_bytes; at += strlen(summary->argv + at) + 1)
                if (json_array_append_new(array, snapshot_exact_text(summary->argv + at)) < 0) {
                        json_decref(array);
                        array = NULL;
                }
        return array;
}

/* A report's, with the names as they are and what is shown rounded there to the nanosecond. */
json_t *snapshot_process(const struct summary *summary) {
        json_t *made = values_process(summary);

        if (json_object_set_new(made, "exe", snapshot_exact_text(summary->program)) == 0 &&
            json_object_set_new(made, "argv", arguments(summary)) == 0 &&
            json_object_set_new(made, "started_ns", values_number(summary->started_unix_ns)) == 0)
                return made;
        json_decref(made);
        return NULL;
}

json_t *snapshot_totals(const struct summary *summary) {
        json_t *made = values_totals(summary);

        if (json_object_set_new(made, "unknown_stacks", values_number(summary->unknown_stacks)) == 0 &&
            json_object_set_new(made, "peak_time_ns", values_number(summary->peak_time_ns)) == 0 &&
            json_object_set_new(made, "duration_ns", values_number(summary->duration_ns)) == 0 &&
            json_object_set_new(made, "collector_cpu_ns", values_number(summary->collector_cpu_ns)) == 0)
                return made;
        json_decref(made);
        return NULL;
}

json_t *snapshot_domain_row(uint32_t number, const struct summary_domain *domain) {
        json_t *made = json_pack("{s:I}", "number", (json_int_t)number);
        json_t *figures = values_domain(domain);

        if (made && figures && json_object_update(made, figures) == 0 &&
            json_object_set_new(made, "name", snapshot_exact_text(domain->name)) == 0) {
                json_decref(figures);
                return made;
        }
        json_decref(figures);
        json_decref(made);
        return NULL;
}

json_t *snapshot_merged(const struct summary_process *process) {
        json_t *made = values_merged(process);

        if (json_object_set_new(made, "exe", snapshot_exact_text(process->run.program)) == 0 &&
            json_object_set_new(made, "started_ns", values_number(process->run.started_unix_ns)) == 0 &&
            json_object_set_new(made, "peak_time_ns", values_number(process->run.peak_time_ns)) == 0 &&
            json_object_set_new(made, "duration_ns", values_number(process->run.duration_ns)) == 0)
                return made;
        json_decref(made);
        return NULL;
}

json_t *snapshot_scopes(const struct summary_scopes *scopes) {
        json_t *names = json_array();

        for (size_t i = 0; names && i < scopes->name_count; i++)
                if (json_array_append_new(names, snapshot_exact_text(scopes->names[i])) < 0) {
                        json_decref(names);
                        names = NULL;
                }
        return json_pack("{s:o, s:o, s:o, s:b}", "ends_without_begin", values_number(scopes->ends),
                         "begins_without_end", values_number(scopes->begins), "names", names, "more_names",
                         (int)scopes->more_names);
}
