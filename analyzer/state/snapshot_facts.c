/*
 * What a snapshot says of the run: its moment, the process, and how it ended. One thread.
 */
#include "state/snapshot_parts.h"

#include "base/array.h"
#include "base/options.h"

#include <string.h>

int snapshot_figures(const struct snapshot *snapshot, const json_t *object,
                     const struct snapshot_figure *figures) {
        int error = 0;

        for (size_t i = 0; error == 0 && figures[i].name; i++)
                error = snapshot_number(snapshot, json_object_get(object, figures[i].name), figures[i].name,
                                        UINT64_MAX, figures[i].to);
        return error;
}

int snapshot_take_moment(struct snapshot *snapshot, const json_t *value) {
        struct snapshot_sums *told = &snapshot->told;
        const struct snapshot_figure figures[] = { { "time_ns", &snapshot->time_ns },
                                                   { "live_bytes", &told->live_bytes },
                                                   { "live_blocks", &told->live_blocks },
                                                   { "allocated_bytes", &told->allocated_bytes },
                                                   { "allocations", &told->allocations },
                                                   { "temporary", &told->temporary },
                                                   { 0 } };
        const char *kind_name = json_string_value(json_object_get(value, "kind"));
        int kind = kind_name ? options_choice(kind_name, snapshot_kinds) : -1;
        int error = snapshot_figures(snapshot, value, figures);

        if (error == 0 && kind < 0)
                error = snapshot_wrong(snapshot, "kind is none of a moment's");
        if (error == 0)
                error = snapshot_text(snapshot, json_object_get(value, "name"), "name", &snapshot->when);
        if (error < 0)
                return error;
        if (!*snapshot->when || (kind <= MOMENT_START && strcmp(snapshot->when, kind_name) != 0))
                return snapshot_wrong(snapshot, "name is not of its kind");
        snapshot->moment = (struct moment){ (enum moment_kind)kind, true, snapshot->when, 0 };
        return 0;
}

static int take_arguments(struct snapshot *snapshot, const json_t *array) {
        struct trace_facts *facts = &snapshot->trace->facts;
        size_t capacity = 0, index;
        const json_t *value;

        if (!json_is_array(array))
                return snapshot_wrong(snapshot, "argv is not an array");
        json_array_foreach(array, index, value) {
                char *text;
                size_t length;
                int error = snapshot_text(snapshot, value, "argv", &text);

                if (error < 0)
                        return error;
                length = strlen(text) + 1;
                error = array_reserve(&facts->argv, &capacity, facts->argv_bytes + length, 1);
                if (error == 0) {
                        memcpy(facts->argv + facts->argv_bytes, text, length);
                        facts->argv_bytes += length;
                }
                free(text);
                if (error < 0)
                        return snapshot_no_memory(snapshot);
        }
        return 0;
}

/* An exit code or a signal. */
static int take_code(const struct snapshot *snapshot, const json_t *value, int32_t *code) {
        json_int_t given = json_integer_value(value);

        if (!json_is_integer(value) || given < INT32_MIN || given > INT32_MAX)
                return snapshot_wrong(snapshot, "ended: neither a code nor a signal");
        *code = (int32_t)given;
        return 0;
}

#define RUNNING (MTR_END_STOPPED + 1)

int snapshot_ended(const struct snapshot *snapshot, const json_t *ended, struct mtr_end *end, bool *running) {
        static const char *const words[] = {
                [MTR_END_UNKNOWN] = "unknown", [MTR_END_EXITED] = "exited",   [MTR_END_SIGNALED] = "signaled",
                [MTR_END_EXEC] = "exec",       [MTR_END_STOPPED] = "stopped", [RUNNING] = "running",
                [RUNNING + 1] = NULL,
        };
        const json_t *code = json_object_get(ended, "code"), *signal = json_object_get(ended, "signal");
        const char *how = json_string_value(json_object_get(ended, "how"));
        int word = how ? options_choice(how, words) : -1;

        if (word < 0)
                return snapshot_wrong(snapshot, "ended: how is no way to end");
        *running = word == RUNNING;
        if (code || word == MTR_END_EXITED)
                end->how = MTR_END_EXITED;
        else if (signal || word == MTR_END_SIGNALED)
                end->how = MTR_END_SIGNALED;
        else
                end->how = word == RUNNING ? MTR_END_UNKNOWN : (uint32_t)word;
        if (end->how == MTR_END_EXITED)
                return take_code(snapshot, code, &end->code);
        return end->how == MTR_END_SIGNALED ? take_code(snapshot, signal, &end->code) : 0;
}

int snapshot_take_process(struct snapshot *snapshot, const json_t *value) {
        struct mtr_file_header *header = &snapshot->trace->reader->header;
        uint64_t pid;
        int error =
                snapshot_text(snapshot, json_object_get(value, "exe"), "exe", &snapshot->trace->facts.exe);

        if (error == 0)
                error = take_arguments(snapshot, json_object_get(value, "argv"));
        if (error == 0)
                error = snapshot_number(snapshot, json_object_get(value, "pid"), "pid", UINT32_MAX, &pid);
        if (error == 0)
                error = snapshot_number(snapshot, json_object_get(value, "started_ns"), "started_ns",
                                        UINT64_MAX, &header->started_unix_ns);
        if (error < 0)
                return error;
        header->pid = (uint32_t)pid;
        return snapshot_ended(snapshot, json_object_get(value, "ended"), &snapshot->trace->facts.end,
                              &snapshot->trace->reader->running);
}

int snapshot_take_totals(struct snapshot *snapshot, const json_t *value) {
        struct trace_facts *facts = &snapshot->trace->facts;
        struct mtr_end *end = &facts->end;
        const struct snapshot_figure figures[] = { { "allocations", &end->allocations },
                                                   { "frees", &end->frees },
                                                   { "allocated_bytes", &end->allocated_bytes },
                                                   { "peak_bytes", &end->peak_bytes },
                                                   { "peak_time_ns", &snapshot->peak_time_ns },
                                                   { "leaked_bytes", &end->live_bytes },
                                                   { "leaked_blocks", &end->live_blocks },
                                                   { "temporary", &end->temporary },
                                                   { "foreign_frees", &end->foreign_frees },
                                                   { "lost", &end->lost },
                                                   { "unknown_stacks", &end->unknown_stacks },
                                                   { "peak_rss_bytes", &facts->peak_rss_bytes },
                                                   { "duration_ns", &end->time_ns },
                                                   { "collector_cpu_ns", &end->collector_cpu_ns },
                                                   { "collector_rss_bytes", &end->collector_rss_bytes },
                                                   { 0 } };

        return snapshot_figures(snapshot, value, figures);
}

int snapshot_take_end(struct snapshot *snapshot, const json_t *value) {
        snapshot->has_end = json_is_true(value);
        return json_is_boolean(value) ? 0 : snapshot_wrong(snapshot, "neither true nor false");
}

int snapshot_take_unseen(struct snapshot *snapshot, const json_t *value) {
        return json_is_null(value) ? 0 : snapshot_text(snapshot, value, "it", &snapshot->trace->facts.unseen);
}

int snapshot_take_damage(struct snapshot *snapshot, const json_t *value) {
        return snapshot_number(snapshot, value, "it", UINT64_MAX, &snapshot->trace->reader->damage_count);
}
