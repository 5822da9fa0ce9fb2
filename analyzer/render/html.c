/*
 * See html.h. What stands around the data is in html/, and comes in by the build. Names are in the data
 * alone, which the page's script puts into it as text.
 */
#include "render/html.h"

#include "base/message.h"
#include "render/ages.h"
#include "render/html_columns.h"
#include "render/values.h"

#include "html_curve_js.h"
#include "html_data_js.h"
#include "html_flame_js.h"
#include "html_page_css.h"
#include "html_page_html.h"
#include "html_page_js.h"
#include "html_table_js.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LIFETIMES_MAX 500u /* entries: who frees less often is the command's to tell */

/*
 * Names are text wherever they go. Were one ever taken for markup all the same, it could neither run
 * anything, because it does not know the nonce and an attribute cannot have one, nor ask for anything from
 * elsewhere.
 */
static const char begin[] =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'nonce-page'; "
        "script-src 'nonce-page'; base-uri 'none'; form-action 'none'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n<title>memtrace</title>\n<style "
        "nonce=\"page\">\n";

/* One after the other they are one script. */
static const char *const scripts[] = { html_data_js, html_curve_js, html_flame_js, html_table_js,
                                       html_page_js };

/* Nothing in a string may end the element that the data stands in, or begin a comment. */
static int put_harmless(const char *text, size_t length_bytes, void *stream) {
        for (size_t i = 0; i < length_bytes; i++) {
                if (text[i] == '<')
                        fputs("\\u003c", stream);
                else
                        fputc(text[i], stream);
        }
        return 0;
}

/* Takes the value. False: no memory. */
static bool put_member(FILE *stream, const char *name, json_t *value) {
        bool done = value;

        fprintf(stream, ",\n\"%s\":", name);
        done = done && json_dump_callback(value, put_harmless, stream,
                                          JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15)) == 0;
        json_decref(value);
        return done;
}

/* Takes the item. */
static bool append(json_t *array, json_t *item) {
        return json_array_append_new(array, item) == 0;
}

static json_t *make_threads(const struct trace *trace) {
        json_t *array = json_array();
        bool done = array;

        for (uint32_t i = 0; done && i < trace->tables[TRACE_THREADS].count; i++) {
                const struct trace_thread *thread = trace_thread(trace, i);

                done = append(array, json_pack("{s:o, s:o}", "tid", values_number(thread->tid), "name",
                                               values_text(filter_thread_name(thread))));
        }
        if (done)
                return array;
        json_decref(array);
        return NULL;
}

static json_t *make_slices(const struct slices *slices) {
        json_t *made = json_pack("{s:[], s:[], s:[], s:[]}", "end_ms", "end_bytes", "peak_ms", "peak_bytes");
        bool done = made;

        for (size_t k = 0; done && k < slices->count; k++) {
                const struct slices_slice *slice = &slices->items[k];

                done = append(json_object_get(made, "end_ms"),
                              values_number(slice->end_ns / MTR_TIME_UNIT_NS)) &&
                       append(json_object_get(made, "end_bytes"), values_number(slice->end_bytes)) &&
                       append(json_object_get(made, "peak_ms"),
                              values_number(slice->peak_ns / MTR_TIME_UNIT_NS)) &&
                       append(json_object_get(made, "peak_bytes"), values_number(slice->peak_bytes));
        }
        if (done)
                return made;
        json_decref(made);
        return NULL;
}

static json_t *make_lifetimes(const struct html *html) {
        const struct lifespans *lifespans = &html->history->lifespans;
        struct report report = *html->report;
        const struct ages ages = { &report, lifespans };
        struct render_walk walk = { 0 };
        const struct aggregate_entry *entry;
        json_t *entries = json_array(), *classes = json_array(), *made;
        bool done = entries && classes;

        if (!html->history->has_lifespans) {
                json_decref(entries);
                json_decref(classes);
                return json_null();
        }
        report.aggregate = &lifespans->aggregate;
        report.limit = LIFETIMES_MAX;
        report.frame_limit = SIZE_MAX;
        while (done && (entry = render_next(&report, &walk)))
                done = append(entries, ages_json_entry(&ages, entry));
        for (uint32_t i = 0; done && i < lifespans->all.class_count; i++)
                done = append(classes,
                              json_pack("[o, o, o]",
                                        values_number(lives_least_ms(lifespans->all.first_class + i)),
                                        values_number(lives_most_ms(lifespans->all.first_class + i)),
                                        values_number(lifespans->all.classes[i])));
        made = done ? json_pack("{s:o, s:I, s:O, s:O}", "total", ages_json_span(&lifespans->all), "places",
                                (json_int_t)lifespans->aggregate.count, "classes", classes, "entries",
                                entries)
                    : NULL;
        json_decref(entries);
        json_decref(classes);
        return made;
}

static json_t *make_selection(const struct html *html) {
        json_t *globs = json_array();
        bool done = globs;

        for (size_t i = 0; done && i < html->filter->count; i++)
                done = append(globs, values_text(html->filter->globs[i].given));
        if (done)
                return json_pack("{s:s, s:o, s:b, s:o}", "frame", html->frame, "globs", globs, "all_frames",
                                 html->filter->all_frames, "domains",
                                 html->report->summary->beyond_heap ? values_taken(html->report->summary)
                                                                    : json_null());
        json_decref(globs);
        return NULL;
}

static json_t *make_left_out(const struct history *history) {
        return json_pack("{s:I, s:o, s:I, s:I}", "stacks", (json_int_t)history->timeline.folded_rows, "bytes",
                         values_number(history->timeline.folded_bytes), "slices",
                         (json_int_t)history->slices.count, "slices_wanted",
                         (json_int_t)history->most_slices);
}

static json_t *make_moment(const struct html *html) {
        return html->moment ? json_pack("{s:o, s:o}", "name", values_text(moment_name(html->report->moment)),
                                        "ms", values_number(html->report->time_ns / MTR_TIME_UNIT_NS))
                            : json_null();
}

static bool put_data(const struct html *html, FILE *stream) {
        const struct summary *summary = html->report->summary;
        const struct history *history = html->history;
        char *ending = summary_ending(summary);
        json_t *texts;
        bool done = ending;

        fputs("{\"schema\":\"memtrace-html-1\"", stream);
        done = done && put_member(stream, "trace", values_text(html->report->trace_name)) &&
               put_member(stream, "title", values_text(html->title)) &&
               put_member(stream, "command", values_text(summary->command)) &&
               put_member(stream, "process", values_process(summary)) &&
               put_member(stream, "totals", values_totals(summary)) &&
               put_member(stream, "ending", values_text(ending)) &&
               put_member(stream, "unseen", values_text(summary->unseen)) &&
               put_member(stream, "damage", values_number(summary->damage_count)) &&
               put_member(stream, "moment", make_moment(html)) &&
               put_member(stream, "selection", make_selection(html)) &&
               put_member(stream, "slices", make_slices(&history->slices)) &&
               put_member(stream, "threads",
                          history->has_threads ? make_threads(history->timeline.trace) : json_null()) &&
               put_member(stream, "many_threads", json_boolean(html->many_threads)) &&
               put_member(stream, "left_out", make_left_out(history)) &&
               put_member(stream, "lifetimes", make_lifetimes(html)) &&
               html_columns(&history->timeline, &texts, stream) == 0 && put_member(stream, "texts", texts);
        fputs("}\n", stream);
        free(ending);
        return done;
}

int html_page(const struct html *html, FILE *stream) {
        bool done;

        fputs(begin, stream);
        fputs(html_page_css, stream);
        fputs("</style>\n</head>\n<body>\n", stream);
        fputs(html_page_html, stream);
        fputs("<script type=\"application/json\" id=\"data\">", stream);
        done = put_data(html, stream);
        fputs("</script>\n<script nonce=\"page\">\n(function () {\n'use strict';\n", stream);
        for (size_t i = 0; i < sizeof(scripts) / sizeof(*scripts); i++)
                fputs(scripts[i], stream);
        fputs("})();\n</script>\n</body>\n</html>\n", stream);
        return done ? 0 : message_errno(ENOMEM, html->report->trace_name, "cannot write its page");
}
