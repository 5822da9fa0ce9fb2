/*
 * Sampling: see rss.h. Runs in the collector's one thread.
 */
#include "collector/rss.h"

#include "collector/proc.h"
#include "collector/sys.h"

#define STEADY_UNITS 1000u /* an unchanged value is noted again after so long */

struct rss_sample {
        uint64_t unit; /* MTR_TIME_UNIT_NS */
        uint64_t kib;
};

void rss_init(struct trace *trace) {
        trace->rss.statm_fd =
                trace->identity->options.rss_interval_ms ? proc_open(trace->watch.pid, "statm") : -1;
}

static void stop(struct rss *rss) {
        if (rss->statm_fd >= 0)
                sys_close(rss->statm_fd);
        rss->statm_fd = -1;
}

void rss_deinit(struct rss *rss) {
        stop(rss);
        buffer_deinit(&rss->column);
}

void rss_turn(struct trace *trace) {
        struct rss *rss = &trace->rss;
        uint64_t now_ns = trace->timebase->now_ns;
        struct rss_sample sample;

        if (rss->statm_fd < 0 || now_ns < rss->next_ns)
                return;
        rss->next_ns = now_ns + trace->identity->options.rss_interval_ms * UINT64_C(1000000);
        sample.unit = trace_ns(trace, trace->timebase->now_session) / MTR_TIME_UNIT_NS;
        sample.kib = proc_statm_kib(rss->statm_fd);
        if (sample.kib == 0 || (sample.kib == rss->last_kib && sample.unit - rss->last_unit < STEADY_UNITS) ||
            !buffer_reserve(&rss->column, sizeof(sample)))
                return;
        buffer_put(&rss->column, &sample, sizeof(sample));
        rss->last_kib = sample.kib;
        rss->last_unit = sample.unit;
}

void rss_sample_waiting(struct trace *trace) {
        trace->rss.next_ns = 0;
        rss_turn(trace);
        rss_confirm(&trace->rss);
}

void rss_confirm(struct rss *rss) {
        rss->confirmed = (uint32_t)(rss->column.used / sizeof(struct rss_sample));
}

void rss_forget(struct rss *rss) {
        stop(rss);
        rss->column.used = rss->confirmed * sizeof(struct rss_sample);
}

bool rss_define(struct trace *trace, struct buffer *payload) {
        const struct rss *rss = &trace->rss;
        const struct rss_sample *samples = rss->column.bytes.data;
        uint64_t previous = 0;

        if (!buffer_reserve(payload, VARINT_MAX_BYTES * (1 + 2 * (size_t)rss->confirmed)))
                return false;
        buffer_varint(payload, rss->confirmed);
        for (uint32_t i = 0; i < rss->confirmed; i++) {
                buffer_varint(payload, samples[i].unit - previous);
                buffer_varint(payload, samples[i].kib);
                previous = samples[i].unit;
        }
        return true;
}

void rss_block_begin(struct rss *rss) {
        size_t done = rss->confirmed * sizeof(struct rss_sample);

        if (done == 0)
                return;
        rss->column.used -= done;
        memmove(rss->column.bytes.data, (uint8_t *)rss->column.bytes.data + done, rss->column.used);
        rss->confirmed = 0;
}
