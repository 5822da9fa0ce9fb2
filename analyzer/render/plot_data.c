/*
 * The reduced curve as numbers, JSON and CSV: what the picture is drawn from.
 */
#include "render/plot.h"

#include "render/fields.h"
#include "render/list.h"
#include "render/values.h"

#include <inttypes.h>

#define SCHEMA "memtrace-plot-1"

static double seconds(uint64_t units) {
        return (double)units / 1000;
}

static json_t *column_json(const struct plot *plot, const struct chart *run, size_t number) {
        const struct curve *curve = &run->curve;
        const struct curve_column *column = &curve->columns[number];
        json_t *made = json_pack("{s:f, s:f}", "time_s", seconds(curve_begin_units(curve, number)), "end_s",
                                 seconds(curve_begin_units(curve, number + 1)));
        bool failed = !made;

        if (run->trace)
                failed |= json_object_update_new(
                                  made, json_pack("{s:o, s:o, s:o, s:o, s:f, s:f, s:o, s:o, s:b}", "low",
                                                  values_number(column->low_bytes), "high",
                                                  values_number(column->high_bytes), "first",
                                                  values_number(column->first_bytes), "last",
                                                  values_number(column->last_bytes), "mean",
                                                  column->mean_bytes, "high_s", seconds(column->high_units),
                                                  "events", values_number(column->events), "lost",
                                                  values_number(column->lost_events), "damaged",
                                                  column->damaged)) < 0;
        if (column->rss_samples > 0)
                failed |= json_object_update_new(made,
                                                 json_pack("{s:o, s:o, s:o}", "rss_last",
                                                           values_number(column->rss_last_bytes), "rss_low",
                                                           values_number(column->rss_low_bytes), "rss_high",
                                                           values_number(column->rss_high_bytes))) < 0;
        if (plot->bands) {
                json_t *bands = json_array();

                for (size_t i = 0; i < plot->bands->count; i++)
                        failed |= json_array_append_new(
                                          bands, values_number(plot->bands->items[i].bytes[number])) < 0;
                failed |= json_object_set_new(made, "bands", bands) < 0;
        }
        if (!failed)
                return made;
        json_decref(made);
        return NULL;
}

static json_t *columns_json(const struct plot *plot, const struct chart *run) {
        json_t *columns = json_array();

        for (size_t i = 0; columns && i < run->curve.count; i++)
                if (json_array_append_new(columns, column_json(plot, run, i)) < 0) {
                        json_decref(columns);
                        columns = NULL;
                }
        return columns;
}

static json_t *spans_json(const struct chart *run) {
        json_t *spans = json_array();

        for (size_t i = 0; spans && i < run->span_count; i++) {
                const struct span *span = &run->spans[i];

                if (json_array_append_new(
                            spans,
                            json_pack("{s:o, s:o, s:o}", "name", values_text(span->name), "begin_s",
                                      span->has_begin ? values_seconds(span->begin_ns) : json_null(), "end_s",
                                      span->has_end ? values_seconds(span->end_ns) : json_null())) < 0) {
                        json_decref(spans);
                        spans = NULL;
                }
        }
        return spans;
}

static json_t *trend_json(const struct chart *run) {
        return run->has_trend ? json_pack("{s:f, s:f, s:f}", "bytes_per_s", run->trend.slope, "low",
                                          run->trend.slope_low, "high", run->trend.slope_high)
                              : json_null();
}

static json_t *bands_json(const struct bands *bands) {
        json_t *array = bands ? json_array() : json_null();

        for (size_t i = 0; bands && i < bands->count; i++)
                if (json_array_append_new(array,
                                          json_pack("{s:o, s:o}", "place", values_text(bands->items[i].name),
                                                    "most", values_number(bands->items[i].most_bytes))) < 0) {
                        json_decref(array);
                        return NULL;
                }
        return array;
}

static json_t *run_json(const struct plot *plot, const struct chart *run) {
        struct chart_peak peak = chart_peak(run);
        json_t *made = json_pack(
                "{s:o, s:o, s:b, s:b, s:I, s:f, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "name",
                values_text(run->label), "command", values_text(run->command), "heap", run->trace != NULL,
                "child", run->child, "pid", (json_int_t)run->pid, "started", (double)run->start_unix_ns / 1e9,
                "shift_s", values_seconds(run->shift_ns), "peak", values_number(peak.bytes), "peak_s",
                values_seconds(peak.time_ns), "peak_rss", values_number(chart_peak_rss(run)), "end",
                run->trace ? values_number(run->curve.columns[run->curve.count - 1].last_bytes) : json_null(),
                "slope", trend_json(run), "scopes", spans_json(run), "bands", bands_json(plot->bands),
                "columns", columns_json(plot, run));

        if (!made || !run->trace || !run->summary.beyond_heap ||
            json_object_set_new(made, "domains", values_taken(&run->summary)) == 0)
                return made;
        json_decref(made);
        return NULL;
}

int plot_json(const struct plot *plot, FILE *stream) {
        const struct charts *charts = plot->charts;
        struct list list;

        list_begin(&list, json_pack("{s:s}", "schema", SCHEMA), "runs", stream);
        for (size_t i = 0; !list.failed && i < charts->count; i++)
                list_add(&list, run_json(plot, &charts->items[i]));
        return list_end(&list, charts->items[0].label);
}

static void put_heap(const struct chart *run, const struct curve_column *column, FILE *stream) {
        if (run->trace)
                fprintf(stream,
                        ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%.1f,%" PRIu64 ",%" PRIu64 ",%s",
                        column->low_bytes, column->high_bytes, column->first_bytes, column->last_bytes,
                        column->mean_bytes, column->events, column->lost_events,
                        column->damaged ? "true" : "false");
        else
                fputs(",,,,,,,,", stream);
}

static int put_column(const struct plot *plot, const struct chart *run, size_t number, FILE *stream) {
        const struct curve_column *column = &run->curve.columns[number];
        int error = fields_text(run->label, "", stream);

        fprintf(stream, ",%.3f,%.3f", seconds(curve_begin_units(&run->curve, number)),
                seconds(curve_begin_units(&run->curve, number + 1)));
        put_heap(run, column, stream);
        if (column->rss_samples > 0)
                fprintf(stream, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, column->rss_low_bytes,
                        column->rss_high_bytes, column->rss_last_bytes);
        else
                fputs(",,,", stream);
        for (size_t i = 0; plot->bands && i < plot->bands->count; i++)
                fprintf(stream, ",%" PRIu64, plot->bands->items[i].bytes[number]);
        fputs("\r\n", stream);
        return error;
}

int plot_csv(const struct plot *plot, FILE *stream) {
        int error = 0;

        fputs("run,time_s,end_s,low,high,first,last,mean,events,lost,damaged,rss_low,rss_high,rss_last",
              stream);
        for (size_t i = 0; error == 0 && plot->bands && i < plot->bands->count; i++) {
                fputc(',', stream);
                error = fields_text(plot->bands->items[i].name, "", stream);
        }
        fputs("\r\n", stream);
        for (size_t i = 0; i < plot->charts->count; i++) {
                const struct chart *run = &plot->charts->items[i];

                for (size_t k = 0; error == 0 && k < run->curve.count; k++)
                        error = put_column(plot, run, k, stream);
        }
        return error;
}
