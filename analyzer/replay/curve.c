/*
 * See curve.h. Before its first column and after its last the curve has a column in progress too, which
 * nobody gets to see. One thread.
 */
#include "replay/curve.h"

#include "base/message.h"
#include "reader/domains.h"
#include "reader/samples.h"

#include <errno.h>
#include <stdlib.h>

#define BEFORE SIZE_MAX

static uint64_t span(const struct curve *curve) {
        return curve->end_units - curve->from_units;
}

uint64_t curve_begin_units(const struct curve *curve, size_t column) {
        /* no overflow: units have 44 bits and columns 17 */
        return curve->from_units + (column * span(curve) + curve->count - 1) / curve->count;
}

size_t curve_column_at(const struct curve *curve, uint64_t units) {
        if (units < curve->from_units || units >= curve->end_units)
                return SIZE_MAX;
        return (units - curve->from_units) * curve->count / span(curve);
}

static uint64_t not_below_zero(int64_t bytes) {
        return bytes < 0 ? 0 : (uint64_t)bytes;
}

static void begin_column(struct curve *curve, size_t column, int64_t live_bytes, uint64_t events) {
        curve->open = column;
        curve->open_end_units = column < curve->count ? curve_begin_units(curve, column + 1) : UINT64_MAX;
        curve->now = (struct curve_now){ live_bytes, live_bytes, events, curve->at_units, curve->block };
        curve->events_begun = events;
        curve->events_blocks = 0;
        curve->left_out_begun = curve->left_out;
        curve->sum = 0;
        if (column < curve->count)
                curve->columns[column].first_bytes = not_below_zero(live_bytes);
}

static void end_column(struct curve *curve, int64_t live_bytes, uint64_t events) {
        struct curve_column *column;

        if (curve->open >= curve->count)
                return;
        column = &curve->columns[curve->open];
        column->last_bytes = not_below_zero(live_bytes);
        column->low_bytes = not_below_zero(curve->now.low_bytes);
        column->high_bytes = not_below_zero(curve->now.high_bytes);
        column->high_at = (struct replay_instant){ curve->now.high_block, curve->now.high_event };
        column->high_units = curve->now.high_units;
        column->events = curve->events_blocks + events - curve->events_begun -
                         (curve->left_out - curve->left_out_begun);
        column->mean_bytes =
                curve->sum / (double)(curve->open_end_units - curve_begin_units(curve, curve->open));
}

void curve_pass(struct curve *curve, uint64_t units, int64_t live_bytes, uint64_t events) {
        curve->live_bytes = live_bytes;
        while (curve->at_units < units) {
                uint64_t until = units < curve->open_end_units ? units : curve->open_end_units;

                curve->sum += (double)not_below_zero(live_bytes) * (double)(until - curve->at_units);
                curve->at_units = until;
                if (until < curve->open_end_units)
                        break;
                end_column(curve, live_bytes, events);
                begin_column(curve, curve->open + 1, live_bytes, events);
        }
}

/* What the gap before the block may have hidden. */
static void mark_damaged(struct curve *curve, size_t from) {
        for (size_t i = from == BEFORE ? 0 : from;
             i < curve->count && curve->open != BEFORE && i <= curve->open; i++)
                curve->columns[i].damaged = true;
}

void curve_block(struct curve *curve, const struct trace *trace, size_t block, uint64_t live_bytes,
                 bool guess) {
        const struct reader_block *begun = &trace->reader->blocks[block];
        size_t from = curve->open;

        curve->block = block;
        curve_pass(curve, begun->header.first_time_ns / MTR_TIME_UNIT_NS, curve->live_bytes, 0);
        if (begun->after_loss)
                mark_damaged(curve, from);
        curve->offset_bytes =
                guess && domains_are_heap(trace) ? (int64_t)(begun->header.live_bytes_begin - live_bytes) : 0;
        curve->live_bytes = (int64_t)live_bytes + curve->offset_bytes;
        if (curve->live_bytes < curve->now.low_bytes)
                curve->now.low_bytes = curve->live_bytes;
        if (curve->live_bytes <= curve->now.high_bytes)
                return;
        curve->now = (struct curve_now){ curve->now.low_bytes, curve->live_bytes, 0, curve->at_units, block };
}

void curve_block_end(struct curve *curve, uint64_t units, uint64_t live_bytes, uint64_t events) {
        curve_pass(curve, units, (int64_t)live_bytes + curve->offset_bytes, events);
        curve->events_blocks += events - curve->events_begun;
        curve->events_begun = 0;
        curve->block++; /* its end is the begin of the next */
}

void curve_add_rss(struct curve *curve, uint64_t units, uint64_t bytes) {
        size_t number = curve_column_at(curve, units);
        struct curve_column *column;

        if (number == SIZE_MAX)
                return;
        column = &curve->columns[number];
        if (column->rss_samples == 0 || bytes < column->rss_low_bytes)
                column->rss_low_bytes = bytes;
        if (bytes > column->rss_high_bytes)
                column->rss_high_bytes = bytes;
        column->rss_last_bytes = bytes;
        column->rss_samples++;
}

static void read_loss(struct curve *curve, struct cursor *cursor) {
        uint64_t time_ns, lost;
        size_t column;

        if (!cursor_varint(cursor, &time_ns) || !cursor_varint(cursor, &lost))
                return;
        column = curve_column_at(curve, time_ns / MTR_TIME_UNIT_NS);
        if (column != SIZE_MAX)
                curve->columns[column].lost_events += lost;
}

void curve_record(struct curve *curve, uint32_t type, struct cursor body) {
        struct samples samples = samples_over(body);
        struct samples_sample sample;

        while (type == MTR_RSS && samples_next(&samples, &sample))
                curve_add_rss(curve, sample.units, sample.bytes);
        if (type == MTR_LOSS)
                read_loss(curve, &body);
}

const struct curve_column *curve_peak(const struct curve *curve) {
        const struct curve_column *peak = curve->columns;

        for (size_t i = 1; i < curve->count; i++)
                if (curve->columns[i].high_bytes > peak->high_bytes)
                        peak = &curve->columns[i];
        return peak;
}

int curve_init(struct curve *curve, const char *name, uint64_t from_ns, uint64_t to_ns, size_t columns) {
        uint64_t from = from_ns / MTR_TIME_UNIT_NS, end = to_ns / MTR_TIME_UNIT_NS + 1;

        *curve = (struct curve){
                .from_units = from, .end_units = end, .open = BEFORE, .open_end_units = from
        };
        curve->count = columns < CURVE_COLUMNS_MAX ? columns : CURVE_COLUMNS_MAX;
        if (curve->count > end - from)
                curve->count = end - from;
        curve->columns = calloc(curve->count, sizeof(*curve->columns));
        if (!curve->columns)
                return message_errno(ENOMEM, name, "cannot draw");
        if (from == 0)
                begin_column(curve, 0, 0, 0);
        return 0;
}

void curve_deinit(struct curve *curve) {
        free(curve->columns);
        *curve = (struct curve){ 0 };
}

int curve_make(struct trace *trace, uint64_t from_ns, uint64_t to_ns, size_t columns, struct curve *curve) {
        struct replay replay;
        int error = replay_init(&replay, trace);

        if (error < 0)
                return error;
        error = curve_init(curve, trace->reader->name, from_ns, to_ns, columns);
        if (error == 0) {
                replay.curve = curve;
                error = replay_to(&replay, replay_end(trace), REPLAY_FROM_BEGINNING);
                curve_pass(curve, curve->end_units, curve->live_bytes, 0);
                if (error != 0)
                        curve_deinit(curve);
        }
        replay_deinit(&replay);
        return error;
}
