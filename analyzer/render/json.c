/*
 * The report as JSON.
 */
#include "render/json.h"

#include "render/list.h"
#include "render/rows.h"
#include "render/values.h"

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

/* What only a merged snapshot has. */
static int add_processes(json_t *head, const struct summary *summary) {
        json_t *array = summary->process_count > 0 ? json_array() : NULL;

        for (size_t i = 0; array && i < summary->process_count; i++)
                if (json_array_append_new(array, values_merged(&summary->processes[i])) < 0) {
                        json_decref(array);
                        return -1;
                }
        if (!array)
                return summary->process_count > 0 ? -1 : 0;
        return json_object_set_new(head, "processes", array);
}

int render_json_domains(json_t *object, json_t *selection, const struct summary *summary) {
        if (summary->domain_count == 0 && !summary->beyond_heap)
                return 0;
        return json_object_set_new(selection, "domains", values_taken(summary)) < 0 ||
                               json_object_set_new(object, "domains", values_domains(summary)) < 0
                       ? -1
                       : 0;
}

json_t *render_json_selected(json_t *object, const struct summary *summary) {
        json_t *selection = json_object();
        bool failed =
                !object || !selection || render_json_domains(object, selection, summary) < 0 ||
                (json_object_size(selection) > 0 && json_object_set(object, "selection", selection) < 0);

        json_decref(selection);
        if (!failed)
                return object;
        json_decref(object);
        return NULL;
}

int render_json_within(json_t *selection, const struct aggregate_wish *wish) {
        return wish->cost == AGGREGATE_TEMPORARY
                       ? json_object_set_new(selection, "within", values_number(wish->within))
                       : 0;
}

/* What only a program has that told of scopes by halves. */
static int add_scopes(json_t *head, const struct summary_scopes *scopes) {
        json_t *names;

        if (scopes->ends + scopes->begins == 0)
                return 0;
        names = json_array();
        for (size_t i = 0; names && i < scopes->name_count; i++)
                if (json_array_append_new(names, values_text(scopes->names[i])) < 0) {
                        json_decref(names);
                        names = NULL;
                }
        return json_object_set_new(head, "scopes",
                                   json_pack("{s:o, s:o, s:o}", "ends_without_begin",
                                             values_number(scopes->ends), "begins_without_end",
                                             values_number(scopes->begins), "names", names));
}

json_t *render_json_head(const struct report *report, const char *schema) {
        const struct aggregate *aggregate = report->aggregate;
        json_t *made = json_pack(
                "{s:s, s:{s:s, s:s, s:b, s:o, s:o, s:o, s:o}, s:o, s:o, s:o, s:I}", "schema", schema,
                "selection", "cost", aggregate_cost_names[aggregate->wish.cost], "by",
                aggregate_by_names[aggregate->wish.by], "cumulative", aggregate->wish.cumulative, "at",
                values_text(moment_name(report->moment)), "time_s", values_seconds(report->time_ns), "size",
                values_number(aggregate->size_bytes), "count", values_number(aggregate->blocks), "process",
                values_process(report->summary), "totals", values_totals(report->summary), "unseen",
                values_text(report->summary->unseen), "damage", (json_int_t)report->summary->damage_count);

        if (made && add_processes(made, report->summary) == 0 &&
            add_scopes(made, &report->summary->scopes) == 0 &&
            render_json_domains(made, json_object_get(made, "selection"), report->summary) == 0 &&
            add_from(json_object_get(made, "selection"), report) == 0 &&
            render_json_within(json_object_get(made, "selection"), &aggregate->wish) == 0)
                return made;
        json_decref(made);
        return NULL;
}

int render_report_json(const struct report *report, FILE *stream) {
        const struct aggregate_entry *entry;
        struct render_walk walk = { 0 };
        struct list list;

        list_begin(&list, render_json_head(report, SCHEMA), "entries", stream);
        while (!list.failed && (entry = render_next(report, &walk)))
                list_add(&list, rows_json(report, entry));
        return list_end(&list, report->trace_name);
}
