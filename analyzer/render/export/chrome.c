/*
 * See chrome.h. Times are microseconds since the trace began. One event at a time is in memory as JSON. One
 * thread.
 */
#include "render/export/chrome.h"

#include "base/memo.h"
#include "base/message.h"
#include "reader/samples.h"
#include "render/export/chrome_scopes.h"
#include "render/render.h"
#include "render/values.h"
#include "replay/curve.h"
#include "replay/moment.h"
#include "state/state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define MICROSECOND_NS 1000u
#define COLUMNS 10000u /* of the counter of live bytes, each with its highest */

struct chrome {
        const struct export_wish *wish;
        struct chrome_events events;
        const char *counter; /* of live bytes, by whose they are */
        uint64_t live_bytes; /* as last written */
};

static int put_counter(struct chrome *chrome, const char *name, uint64_t time_ns, uint64_t bytes) {
        return chrome_events_put(&chrome->events,
                                 json_pack("{s:s, s:s, s:o, s:{s:o}}", "name", name, "ph", "C", "ts",
                                           chrome_events_time(time_ns), "args", "bytes",
                                           values_number(bytes)),
                                 0);
}

static int put_live(struct chrome *chrome, uint64_t time_ns, uint64_t bytes) {
        if (bytes == chrome->live_bytes)
                return 0;
        chrome->live_bytes = bytes;
        return put_counter(chrome, chrome->counter, time_ns, bytes);
}

/* Its highest holds to its end, so that one of a single millisecond can be seen. */
static int put_column(struct chrome *chrome, const struct curve *curve, size_t number) {
        const struct curve_column *column = &curve->columns[number];
        uint64_t end_ns = curve_begin_units(curve, number + 1) * MTR_TIME_UNIT_NS;
        int error =
                put_live(chrome, curve_begin_units(curve, number) * MTR_TIME_UNIT_NS, column->first_bytes);

        if (error == 0 && column->high_bytes > column->first_bytes)
                error = put_live(chrome, column->high_units * MTR_TIME_UNIT_NS, column->high_bytes);
        return error == 0 ? put_live(chrome, end_ns - MICROSECOND_NS, column->last_bytes) : error;
}

static int put_curve(struct chrome *chrome) {
        struct trace *trace = chrome->wish->state->trace;
        struct curve curve;
        int error = state_failed(chrome->wish->operand,
                                 curve_make(trace, 0, moment_last_ns(trace), COLUMNS, &curve));

        if (error < 0)
                return error;
        error = put_counter(chrome, chrome->counter, 0, 0);
        for (size_t i = 0; error == 0 && i < curve.count; i++)
                error = put_column(chrome, &curve, i);
        curve_deinit(&curve);
        return error;
}

static int put_sample(void *context, const struct samples_sample *sample) {
        return put_counter(context, "resident set", sample->units * MTR_TIME_UNIT_NS, sample->bytes);
}

static int put_marks(struct chrome *chrome) {
        const struct trace *trace = chrome->wish->state->trace;
        int error = 0;

        for (size_t i = 0; error == 0 && i < trace->mark_count; i++) {
                const struct trace_mark *mark = &trace->marks[i];

                error = chrome_events_put(&chrome->events,
                                          json_pack("{s:o, s:s, s:s, s:s, s:o}", "name",
                                                    values_text(mark->name), "cat",
                                                    mark->snapshot ? "snapshot" : "mark", "ph", "i", "s", "p",
                                                    "ts", chrome_events_time(mark->time_ns)),
                                          0);
        }
        return error;
}

static int put_process(struct chrome *chrome) {
        const struct summary *summary = &chrome->wish->state->summary;

        return chrome_events_put(&chrome->events,
                                 json_pack("{s:s, s:s, s:{s:o}}", "name", "process_name", "ph", "M", "args",
                                           "name", values_text(summary->command)),
                                 0);
}

/* As the legend of a plot has it. The caller frees it; NULL: no memory. */
static char *counter_name(const struct summary *summary) {
        char *name = NULL;
        size_t length;
        FILE *stream = memo_stream(&name, &length);

        if (!stream)
                return NULL;
        fputs(summary->beyond_heap ? "live in " : "live heap", stream);
        if (summary->beyond_heap)
                render_selected(summary, stream);
        if (fclose(stream) == 0)
                return name;
        free(name);
        return NULL;
}

static int write_chrome(const struct export_wish *wish, FILE *stream) {
        char *counter = counter_name(&wish->state->summary);
        struct chrome chrome = { .wish = wish, .counter = counter };
        struct trace *trace = wish->state->trace;
        int error;

        if (!counter)
                return message_errno(ENOMEM, wish->operand, "cannot name its counter");
        chrome.events = (struct chrome_events){ stream, wish->operand, trace->reader->header.pid, 0 };
        fputs("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[", stream);
        error = put_process(&chrome);
        if (error == 0)
                error = chrome_scopes_put(&chrome.events, trace);
        if (error == 0)
                error = put_marks(&chrome);
        if (error == 0)
                error = put_curve(&chrome);
        if (error == 0)
                error = state_failed(wish->operand, samples_tell(trace, put_sample, &chrome));
        fputs("\n]}\n", stream);
        free(counter);
        return error;
}

const struct export_format export_chrome = {
        .about = "Perfetto and chrome://tracing",
        .write = write_chrome,
        .history = true,
};
