/*
 * See chart.h. One thread.
 */
#include "select/chart.h"

#include "base/array.h"
#include "base/message.h"
#include "base/path.h"
#include "select/family.h"
#include "state/snapshot.h"
#include "state/state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIME_MAX_NS (UINT64_C(1) << 61) /* 73 years; sums of two still fit, whatever a trace says */

static int no_memory(const char *name) {
        return message_errno(ENOMEM, name, "cannot draw");
}

static struct chart *add(struct charts *charts, const char *path) {
        struct chart *chart;

        if (array_reserve(&charts->items, &charts->capacity, charts->count + 1, sizeof(*chart)) < 0) {
                (void)no_memory(path);
                return NULL;
        }
        chart = &charts->items[charts->count];
        *chart = (struct chart){ .label = strdup(path_base(path)) };
        if (!chart->label) {
                (void)no_memory(path);
                return NULL;
        }
        charts->count++;
        return chart;
}

/* A moment of a file of mprof's. 0, or -EINVAL, reported. */
static int locate_mprof(const struct chart *chart, const struct moment *moment, uint64_t *time_ns) {
        const struct mprof *mprof = chart->mprof;
        uint64_t peak = 0;

        switch (moment->kind) {
        case MOMENT_START:
                *time_ns = 0;
                return 0;
        case MOMENT_END:
                *time_ns = mprof->last_ns;
                return 0;
        case MOMENT_PEAK:
                for (size_t i = 0; i < mprof->sample_count && mprof->samples[i].child == 0; i++)
                        if (mprof->samples[i].bytes > peak) {
                                peak = mprof->samples[i].bytes;
                                *time_ns = mprof->samples[i].time_ns;
                        }
                return 0;
        case MOMENT_TIME:
                *time_ns = moment->value;
                break;
        case MOMENT_SHARE:
                *time_ns =
                        moment->value > MOMENT_WHOLE
                                ? UINT64_MAX
                                : (uint64_t)((double)mprof->last_ns * (double)moment->value / MOMENT_WHOLE);
                break;
        case MOMENT_MARK:
                message("%s: @%s is no moment of a file of mprof", chart->label, moment->when);
                return -EINVAL;
        }
        if (*time_ns <= mprof->last_ns)
                return 0;
        message("%s: @%s is past the end", chart->label, moment->when);
        return -EINVAL;
}

static int locate(struct chart *chart, const struct moment *moment, uint64_t *time_ns) {
        struct replay_instant instant;

        if (!chart->trace)
                return locate_mprof(chart, moment, time_ns);
        return state_failed(chart->label, moment_locate(chart->trace, moment, &instant, time_ns));
}

static int find_part(struct chart *chart, const struct chart_wish *wish) {
        int error = 0;

        chart->from_ns = 0;
        chart->to_ns = chart->last_ns;
        if (wish->from.given)
                error = locate(chart, &wish->from, &chart->from_ns);
        if (error == 0 && wish->to.given)
                error = locate(chart, &wish->to, &chart->to_ns);
        if (chart->to_ns > TIME_MAX_NS)
                chart->to_ns = TIME_MAX_NS;
        if (error != 0 || chart->from_ns < chart->to_ns || !wish->from.given)
                return error;
        message("%s: the window from @%s to @%s is empty", chart->label, wish->from.when, wish->to.when);
        return -EINVAL;
}

/* Leaves the spans that reach into the part. */
static void clip_spans(struct chart *chart) {
        size_t kept = 0;

        for (size_t i = 0; i < chart->span_count; i++)
                if (chart->spans[i].begin_ns <= chart->to_ns && chart->spans[i].end_ns >= chart->from_ns)
                        chart->spans[kept++] = chart->spans[i];
        chart->span_count = kept;
}

static int make_spans(struct chart *chart) {
        const struct mprof *mprof = chart->mprof;
        size_t most = chart->trace ? chart->trace->scope_count : mprof->call_count;

        chart->spans = calloc(most + 1, sizeof(*chart->spans));
        if (!chart->spans)
                return no_memory(chart->label);
        if (chart->trace) {
                if (spans_pair(chart->trace, chart->spans, &chart->span_count) < 0)
                        return no_memory(chart->label);
        } else if (!chart->child) {
                for (size_t i = 0; i < mprof->call_count; i++)
                        chart->spans[i] = (struct span){ .name = mprof->calls[i].name,
                                                         .begin_ns = mprof->calls[i].begin_ns,
                                                         .end_ns = mprof->calls[i].end_ns,
                                                         .has_begin = true,
                                                         .has_end = true };
                chart->span_count = mprof->call_count;
        }
        clip_spans(chart);
        return 0;
}

static void fit(struct chart *chart, double *times, double *values, size_t count) {
        chart->has_trend = trend_fit(times, values, count, &chart->trend);
        if (!chart->has_trend && !chart->child)
                message("%s: too short for a slope", chart->label);
}

/* Of the columns' means, or of mprof's samples as they are. */
static int make_trend(struct chart *chart, uint32_t child) {
        const struct curve *curve = &chart->curve;
        const struct mprof *mprof = chart->mprof;
        size_t most = chart->trace ? curve->count : mprof->sample_count, count = 0;
        double *times = calloc(most * 2, sizeof(*times)), *values = times + most;

        if (!times)
                return no_memory(chart->label);
        for (size_t i = 0; chart->trace && i < curve->count; i++, count++) {
                times[i] = (double)(curve_begin_units(curve, i) + curve_begin_units(curve, i + 1)) / 2 *
                           MTR_TIME_UNIT_NS / 1e9;
                values[i] = curve->columns[i].mean_bytes;
        }
        for (size_t i = 0; !chart->trace && i < mprof->sample_count; i++) {
                const struct mprof_sample *sample = &mprof->samples[i];

                if (sample->child != child || sample->time_ns < chart->from_ns ||
                    sample->time_ns > chart->to_ns)
                        continue;
                times[count] = (double)sample->time_ns / 1e9;
                values[count++] = (double)sample->bytes;
        }
        fit(chart, times, values, count);
        free(times);
        return 0;
}

static int make_resident(struct chart *chart, const struct chart_wish *wish, uint32_t child) {
        const struct mprof *mprof = chart->mprof;
        int error = curve_init(&chart->curve, chart->label, chart->from_ns, chart->to_ns, wish->columns);

        for (size_t i = 0; error == 0 && i < mprof->sample_count; i++)
                if (mprof->samples[i].child == child)
                        curve_add_rss(&chart->curve, mprof->samples[i].time_ns / MTR_TIME_UNIT_NS,
                                      mprof->samples[i].bytes);
        return error;
}

static int make_mprof(struct chart *chart, const struct chart_wish *wish, uint32_t child) {
        int error;

        chart->start_unix_ns = chart->mprof->start_unix_ns;
        chart->last_ns = chart->mprof->last_ns;
        error = find_part(chart, wish);
        if (error == 0)
                error = make_resident(chart, wish, child);
        if (error == 0)
                error = make_spans(chart);
        return error == 0 && wish->slope ? make_trend(chart, child) : error;
}

/* The samples stand by child, whose numbers mprof counts on from 0; each is a line of its own. */
static int open_mprof(const char *path, const struct chart_wish *wish, struct charts *charts) {
        struct chart *chart = add(charts, path);
        struct mprof *mprof;
        uint32_t last = 0;
        int error = chart ? mprof_open(path, &chart->mprof) : -ENOMEM;

        if (error < 0)
                return error;
        mprof = chart->mprof;
        chart->command = strdup(mprof->command);
        if (!chart->command)
                return no_memory(path);
        error = make_mprof(chart, wish, 0);
        for (size_t i = 0; error == 0 && i < mprof->sample_count; i++) {
                if (mprof->samples[i].child == last)
                        continue;
                last = mprof->samples[i].child;
                chart = add(charts, path);
                if (!chart)
                        return -ENOMEM;
                chart->mprof = mprof;
                chart->borrows_mprof = chart->child = true;
                free(chart->label);
                if (asprintf(&chart->label, "child %" PRIu32, last - 1) < 0)
                        chart->label = NULL;
                error = chart->label ? make_mprof(chart, wish, last) : no_memory(path);
        }
        return error;
}

static int make_trace(struct chart *chart, const struct chart_wish *wish) {
        const struct reader *reader = chart->trace->reader;
        int error = find_part(chart, wish);

        if (error == 0)
                error = curve_make(chart->trace, chart->from_ns, chart->to_ns, wish->columns, &chart->curve);
        if (error != 0)
                return state_failed(reader->name, error);
        /* after the replay, which may have found damage */
        error = state_failed(reader->name, summary_make(chart->trace, &chart->summary));
        if (error == 0 && !(chart->command = strdup(chart->summary.command)))
                error = no_memory(reader->name);
        if (error == 0)
                error = make_spans(chart);
        return error == 0 && wish->slope ? make_trend(chart, 0) : error;
}

static bool has_anything(const struct trace *trace) {
        for (size_t i = 0; i < trace->reader->block_count; i++)
                if (trace->reader->blocks[i].whole && trace->reader->blocks[i].header.event_count > 0)
                        return true;
        return trace->facts.peak_rss_bytes > 0;
}

static int open_trace(const char *path, bool child, const struct chart_wish *wish, struct charts *charts) {
        /* the window is the parent's: what of a child lies in it is drawn by its own times */
        static const struct moment none = { 0 };
        struct chart_wish whole = *wish;
        struct chart *chart = add(charts, path);
        int error = chart ? state_open_trace(path, &chart->trace) : -ENOMEM;

        if (error == 0)
                error = domain_choice_take(wish->domains, chart->trace);
        if (error < 0)
                return error;
        if (child)
                whole.from = whole.to = none;
        chart->child = child;
        chart->pid = chart->trace->facts.has_process ? chart->trace->facts.process.pid : 0;
        chart->start_unix_ns = chart->trace->reader->header.started_unix_ns;
        chart->last_ns = moment_last_ns(chart->trace);
        if (has_anything(chart->trace))
                return make_trace(chart, &whole);
        message("%s: has neither events nor samples of the resident set: there is nothing to draw", path);
        return -EINVAL;
}

static int open_any(const char *path, const struct chart_wish *wish, struct charts *charts) {
        if (mprof_is(path) && wish->domains->count == 0)
                return open_mprof(path, wish, charts);
        if (mprof_is(path)) {
                message("%s: is a file of mprof, which has no domains: --domain does not go with it", path);
                return -EINVAL;
        }
        if (!snapshot_is(path))
                return open_trace(path, false, wish, charts);
        message("%s: is a saved snapshot, one moment: there is nothing to draw over time", path);
        return -EINVAL;
}

static uint64_t end_ns(const struct chart *chart) {
        return chart->curve.end_units * MTR_TIME_UNIT_NS;
}

/* Puts each where the picture has it, and finds the picture's ends. */
static void align(struct charts *charts, const struct chart_wish *wish) {
        uint64_t first_unix_ns = UINT64_MAX, shift_ns, from_ns, to_ns;
        const struct chart *parent = NULL;

        for (size_t i = 0; i < charts->count; i++)
                if (charts->items[i].start_unix_ns < first_unix_ns)
                        first_unix_ns = charts->items[i].start_unix_ns;
        for (size_t i = 0; i < charts->count; i++) {
                struct chart *chart = &charts->items[i];

                if (!chart->child)
                        parent = chart;
                shift_ns = chart->start_unix_ns -
                           (wish->wall || !parent ? first_unix_ns : parent->start_unix_ns);
                chart->shift_ns = shift_ns < TIME_MAX_NS ? shift_ns : TIME_MAX_NS;
                if (chart->child && wish->from.given)
                        continue; /* what of it lies in its parent's window is shown */
                from_ns = chart->from_ns + chart->shift_ns;
                to_ns = end_ns(chart) + chart->shift_ns;
                if (i == 0 || from_ns < charts->from_ns)
                        charts->from_ns = from_ns;
                if (to_ns > charts->to_ns)
                        charts->to_ns = to_ns;
        }
}

int chart_open(char *const *paths, size_t count, const struct chart_wish *wish, struct charts *charts) {
        int error = 0;

        *charts = (struct charts){ 0 };
        for (size_t i = 0; error == 0 && i < count; i++) {
                struct family family = { 0 };
                size_t number = charts->count;

                error = open_any(paths[i], wish, charts);
                if (error == 0 && wish->children && charts->items[number].trace)
                        error = family_find(paths[i], charts->items[number].trace, &family);
                for (size_t k = 0; error == 0 && k < family.count; k++)
                        error = open_trace(family.paths[k], true, wish, charts);
                family_deinit(&family);
        }
        if (error == 0)
                align(charts, wish);
        return error;
}

void chart_close(struct charts *charts) {
        for (size_t i = 0; i < charts->count; i++) {
                struct chart *chart = &charts->items[i];

                free(chart->label);
                free(chart->command);
                free(chart->spans);
                curve_deinit(&chart->curve);
                summary_deinit(&chart->summary);
                trace_free(chart->trace);
                if (!chart->borrows_mprof)
                        mprof_free(chart->mprof);
        }
        free(charts->items);
        *charts = (struct charts){ 0 };
}

struct chart_peak chart_peak(const struct chart *chart) {
        const struct curve *curve = &chart->curve;
        const struct curve_column *peak = curve_peak(curve);
        struct chart_peak resident = { 0 };

        if (chart->trace)
                return (struct chart_peak){ peak->high_bytes, peak->high_units * MTR_TIME_UNIT_NS };
        for (size_t i = 0; i < curve->count; i++)
                if (curve->columns[i].rss_high_bytes > resident.bytes)
                        resident = (struct chart_peak){ curve->columns[i].rss_high_bytes,
                                                        curve_begin_units(curve, i) * MTR_TIME_UNIT_NS };
        return resident;
}

uint64_t chart_peak_rss(const struct chart *chart) {
        uint64_t most = 0;

        for (size_t i = 0; i < chart->curve.count; i++)
                if (chart->curve.columns[i].rss_high_bytes > most)
                        most = chart->curve.columns[i].rss_high_bytes;
        return most;
}
