/*
 * Differences and growth as JSON.
 */
#include "render/difference.h"

#include "render/json.h"
#include "render/list.h"
#include "render/rows.h"
#include "render/values.h"

#define DIFFERENCE_SCHEMA "memtrace-diff-1"
#define GROWTH_SCHEMA "memtrace-growth-1"

static json_t *point_json(const struct series_point *point) {
        json_t *made = json_pack(
                "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I}", "trace", values_text(point->name), "at",
                values_text(moment_name(&point->moment)), "time_s", values_seconds(point->time_ns), "size",
                values_number(point->size_bytes), "count", values_number(point->blocks), "process",
                values_process(point->summary), "totals", values_totals(point->summary), "unseen",
                values_text(point->summary->unseen), "damage", (json_int_t)point->summary->damage_count);

        return render_json_selected(made, point->summary);
}

static json_t *selection_json(const struct aggregate_wish *wish) {
        json_t *made = json_pack("{s:s, s:s, s:b}", "cost", aggregate_cost_names[wish->cost], "by",
                                 aggregate_by_names[wish->by], "cumulative", wish->cumulative);

        if (made && render_json_within(made, wish) == 0)
                return made;
        json_decref(made);
        return NULL;
}

int difference_json(const struct difference_report *report, FILE *stream) {
        const struct series_point *points = report->series->points;
        const size_t *counts = report->differences->counts;
        const struct difference *item;
        struct render_walk walk = { 0 };
        struct list list;

        list_begin(&list,
                   json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:{s:I, s:I, s:I, s:I}}", "schema",
                             DIFFERENCE_SCHEMA, "selection",
                             selection_json(&report->differences->places->wish), "before",
                             point_json(&points[0]), "after", point_json(&points[1]), "size_diff",
                             values_change(points[0].size_bytes, points[1].size_bytes), "count_diff",
                             values_change(points[0].blocks, points[1].blocks), "places", "new",
                             (json_int_t)counts[DIFFERENCE_NEW], "gone", (json_int_t)counts[DIFFERENCE_GONE],
                             "changed", (json_int_t)counts[DIFFERENCE_CHANGED], "same",
                             (json_int_t)counts[DIFFERENCE_SAME]),
                   "entries", stream);
        while (!list.failed && (item = difference_next(report, &walk)))
                list_add(
                        &list,
                        rows_json_more(
                                rows_json(&report->table, &item->entry),
                                json_pack("{s:o, s:o, s:s}", "size_diff",
                                          values_change(item->earlier.size_bytes, item->entry.size_bytes),
                                          "count_diff", values_change(item->earlier.count, item->entry.count),
                                          "status", difference_names[item->status])));
        return list_end(&list, points[0].name);
}

/* What a place held in each state. */
static json_t *history(const struct growth_report *report, const struct growth *item) {
        json_t *sizes = json_array(), *counts = json_array();

        for (size_t i = 0; i < report->series->point_count; i++) {
                if (json_array_append_new(sizes, values_number(item->values[i].size_bytes)) == 0 &&
                    json_array_append_new(counts, values_number(item->values[i].count)) == 0)
                        continue;
                json_decref(sizes);
                json_decref(counts);
                return NULL;
        }
        return json_pack("{s:o, s:o, s:I, s:b, s:o, s:o}", "size_grown",
                         values_change(item->values[0].size_bytes, item->entry.size_bytes), "count_grown",
                         values_change(item->values[0].count, item->entry.count), "steps",
                         (json_int_t)item->steps, "every_step", item->steps == report->growths->step_count,
                         "sizes", sizes, "counts", counts);
}

static json_t *moments(const struct series *series) {
        json_t *made = json_array();

        for (size_t i = 0; i < series->point_count; i++) {
                if (json_array_append_new(made, point_json(&series->points[i])) == 0)
                        continue;
                json_decref(made);
                return NULL;
        }
        return made;
}

int growth_json(const struct growth_report *report, FILE *stream) {
        const struct growths *growths = report->growths;
        const struct growth *item;
        struct render_walk walk = { 0 };
        struct list list;

        list_begin(&list,
                   json_pack("{s:s, s:o, s:o, s:I, s:I, s:I}", "schema", GROWTH_SCHEMA, "selection",
                             selection_json(&growths->places->wish), "moments", moments(report->series),
                             "steps", (json_int_t)growths->step_count, "grown", (json_int_t)growths->count,
                             "grown_every_step", (json_int_t)growths->every_step),
                   "entries", stream);
        while (!list.failed && (item = growth_next(report, &walk)))
                list_add(&list,
                         rows_json_more(rows_json(&report->table, &item->entry), history(report, item)));
        return list_end(&list, report->series->points[0].name);
}
