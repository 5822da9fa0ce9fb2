/*
 * replay/curve.c beside a list of all that happened, gone through column by column.
 */
#include "base/message.h"
#include "replay/curve.h"
#include "trace_builder.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MS 1000000u
#define SITES 5u
#define BLOCKS 7u
#define BLOCK_EVENTS 300u

struct happened {
        uint64_t units, live_bytes;
        struct replay_instant at; /* after it */
};

struct story {
        struct tb *tb;
        struct happened events[BLOCKS * BLOCK_EVENTS];
        size_t count, block;
        uint64_t block_events;
        uint64_t random;
};

static uint64_t next_random(struct story *story) {
        story->random ^= story->random << 13, story->random ^= story->random >> 7,
                story->random ^= story->random << 17;
        return story->random;
}

static void note(struct story *story) {
        story->events[story->count++] = (struct happened){ story->tb->time_ns / MS,
                                                           story->tb->live_bytes,
                                                           { story->block, ++story->block_events } };
}

static void close_block(struct story *story) {
        tb_block(story->tb);
        story->block++;
        story->block_events = 0;
}

/* Bursts and pauses; a sample of the resident set after each block. */
static struct story *tell(uint64_t seed) {
        struct story *story = calloc(1, sizeof(*story));
        struct tb *tb = story->tb = tb_new(1, MTR_STORED);
        uint32_t sites[SITES];

        story->random = seed;
        for (uint32_t i = 0; i < SITES; i++)
                sites[i] = tb_site(tb, 0, 1u << (4 * i), MTR_KIND_MALLOC);
        for (size_t b = 0; b < BLOCKS; b++) {
                for (size_t i = 0; i < BLOCK_EVENTS; i++) {
                        uint32_t site = sites[next_random(story) % SITES];

                        if (next_random(story) % 8 == 0)
                                tb_at(tb, tb->time_ns + next_random(story) % (20 * MS));
                        if (next_random(story) % 2 && tb->site_books[site].live > 0)
                                tb_release(tb, site, false);
                        else
                                tb_alloc(tb, site);
                        note(story);
                }
                tb_rss(tb, 100 + b);
                if (b == 1)
                        tb_loss(tb, 7, MTR_LOSS_OVERFLOW);
                if (b + 1 < BLOCKS)
                        close_block(story);
                if (b % 2)
                        tb_checkpoint(tb);
        }
        tb_end(tb, MTR_END_EXITED, 0);
        return story;
}

static struct trace *load(const struct tb *tb) {
        struct reader *reader;
        struct trace *trace;

        cr_assert_eq(reader_open_fd(tb_memfd(tb->file.data, tb->file.length), "test", NULL, &reader), 0);
        cr_assert_eq(trace_load(reader, &trace), 0);
        return trace;
}

static void forget(struct story *story, struct trace *trace) {
        trace_free(trace);
        tb_free(story->tb);
        free(story);
}

/* Live bytes up to the end of the event before `first`. */
static uint64_t live_before(const struct story *story, size_t first) {
        return first ? story->events[first - 1].live_bytes : 0;
}

static bool same_instant(struct replay_instant one, struct replay_instant other) {
        /* the end of a block is the begin of the next */
        return (one.block == other.block && one.event == other.event) ||
               (one.event == 0 && one.block == other.block + 1 && other.event == BLOCK_EVENTS);
}

static void compare_column(const struct story *story, const struct curve *curve, size_t number) {
        const struct curve_column *column = &curve->columns[number];
        uint64_t begin = curve_begin_units(curve, number), end = curve_begin_units(curve, number + 1);
        uint64_t live, low, high, high_units = begin, events = 0, at = begin;
        struct replay_instant high_at = { 0, 0 };
        double sum = 0;
        size_t i = 0;

        while (i < story->count && story->events[i].units < begin)
                i++;
        if (i > 0)
                high_at = story->events[i - 1].at;
        live = low = high = live_before(story, i);
        cr_assert_eq(column->first_bytes, live, "column %zu", number);
        for (; i < story->count && story->events[i].units < end; i++, events++) {
                sum += (double)live * (double)(story->events[i].units - at);
                at = story->events[i].units;
                live = story->events[i].live_bytes;
                low = live < low ? live : low;
                if (live > high) {
                        high = live;
                        high_units = at;
                        high_at = story->events[i].at;
                }
        }
        sum += (double)live * (double)(end - at);
        cr_assert_eq(column->last_bytes, live, "column %zu", number);
        cr_assert_eq(column->low_bytes, low, "column %zu", number);
        cr_assert_eq(column->high_bytes, high, "column %zu", number);
        cr_assert_eq(column->high_units, high_units, "column %zu", number);
        cr_assert_eq(column->events, events, "column %zu: %ju", number, (uintmax_t)column->events);
        cr_assert(same_instant(column->high_at, high_at), "column %zu: %zu/%ju, not %zu/%ju", number,
                  column->high_at.block, (uintmax_t)column->high_at.event, high_at.block,
                  (uintmax_t)high_at.event);
        cr_assert_float_eq(column->mean_bytes, sum / (double)(end - begin), 1e-6 * (1 + fabs(sum)));
        cr_assert_not(column->damaged);
}

static void compare(uint64_t seed, uint64_t from_ms, uint64_t to_ms, size_t columns) {
        struct story *story = tell(seed);
        struct trace *trace = load(story->tb);
        struct curve curve;
        size_t wanted = columns < to_ms - from_ms + 1 ? columns : to_ms - from_ms + 1;

        cr_assert_eq(curve_make(trace, from_ms * MS, to_ms * MS, columns, &curve), 0);
        cr_assert_eq(curve.count, wanted);
        cr_assert_eq(curve_begin_units(&curve, 0), from_ms);
        cr_assert_eq(curve_begin_units(&curve, curve.count), to_ms + 1);
        for (size_t i = 0; i < curve.count; i++) {
                compare_column(story, &curve, i);
                cr_assert_eq(curve_column_at(&curve, curve_begin_units(&curve, i)), i);
                cr_assert_eq(curve_column_at(&curve, curve_begin_units(&curve, i + 1) - 1), i);
        }
        cr_assert_eq(curve_column_at(&curve, to_ms + 1), SIZE_MAX);
        curve_deinit(&curve);
        forget(story, trace);
}

TestSuite(curve, .init = message_silence);

Test(curve, is_what_happened_in_each_column) {
        struct story *story = tell(88172645463325252u);
        uint64_t end_ms = story->tb->time_ns / MS;

        forget(story, NULL);
        for (uint64_t seed = 88172645463325252u; seed < 88172645463325252u + 5; seed++) {
                compare(seed, 0, end_ms, 1000);
                compare(seed, 0, end_ms, 37);
                compare(seed, 0, end_ms, 1);
                compare(seed, 0, end_ms, 100000);
                compare(seed, 0, end_ms + 500, 64);
                compare(seed, end_ms / 3, end_ms / 2, 50);
                compare(seed, end_ms / 3, end_ms / 3, 50);
                compare(seed, 1, end_ms - 1, 7);
        }
}

Test(curve, peak_is_the_runs) {
        struct story *story = tell(5);
        struct trace *trace = load(story->tb);
        struct replay_peak peak;
        struct curve curve;

        cr_assert_eq(replay_peak(trace, &peak), 0);
        cr_assert(peak.found);
        cr_assert_eq(curve_make(trace, 0, story->tb->time_ns, 40, &curve), 0);
        cr_assert_eq(curve_peak(&curve)->high_bytes, peak.bytes);
        cr_assert_eq(curve_peak(&curve)->high_units, peak.time_ns / MS);
        cr_assert(same_instant(curve_peak(&curve)->high_at, peak.instant));
        cr_assert_eq(curve.columns[curve.count - 1].last_bytes, trace->facts.end.live_bytes);
        curve_deinit(&curve);
        forget(story, trace);
}

Test(curve, resident_set_and_losses_stand_in_their_columns) {
        struct tb *tb = tb_new(1, MTR_STORED);
        struct trace *trace;
        struct curve curve;

        tb_rss(tb, 30);
        tb_at(tb, 4 * MS);
        tb_rss(tb, 20);
        tb_at(tb, 9 * MS);
        tb_rss(tb, 50);
        tb_loss(tb, 17, MTR_LOSS_OVERFLOW);
        tb_block(tb);
        tb_at(tb, 10 * MS);
        tb_rss(tb, 10);
        tb_end(tb, MTR_END_EXITED, 0);
        trace = load(tb);
        cr_assert_eq(curve_make(trace, 0, 19 * MS, 2, &curve), 0);
        cr_assert(curve.columns[0].rss_samples == 3 && curve.columns[1].rss_samples == 1);
        cr_assert(curve.columns[0].rss_low_bytes == 20 << 10 && curve.columns[0].rss_high_bytes == 50 << 10);
        cr_assert(curve.columns[1].rss_low_bytes == 10 << 10 && curve.columns[1].rss_high_bytes == 10 << 10);
        cr_assert(curve.columns[0].lost_events == 17 && curve.columns[1].lost_events == 0);
        curve_deinit(&curve);
        cr_assert_eq(curve_make(trace, 4 * MS, 9 * MS, 1, &curve), 0);
        cr_assert_eq(curve.columns[0].rss_samples, 2);
        cr_assert_eq(curve.columns[0].rss_high_bytes, 50 << 10);
        curve_deinit(&curve);
        trace_free(trace);
        tb_free(tb);
}

/* What the header after a gap says is taken up again, and the columns of the gap are told. */
static void lose(size_t lost) {
        struct story *story = tell(77);
        struct trace *trace = load(story->tb);
        uint64_t gap_begin, gap_end;
        struct curve curve;

        gap_begin = trace->reader->blocks[lost - 1].header.last_time_ns / MS;
        gap_end = trace->reader->blocks[lost + 1].header.first_time_ns / MS;
        story->tb->file.data[trace->reader->blocks[lost].offset_bytes] ^= 1;
        trace_free(trace);
        trace = load(story->tb);
        cr_assert_eq(trace->reader->damage_count, 1);
        cr_assert_eq(curve_make(trace, 0, story->tb->time_ns, 200, &curve), 0);
        for (size_t i = 0; i < curve.count; i++) {
                uint64_t begin = curve_begin_units(&curve, i), end = curve_begin_units(&curve, i + 1);

                cr_assert_eq(curve.columns[i].damaged, end > gap_begin && begin <= gap_end, "column %zu", i);
                if (end <= gap_begin)
                        compare_column(story, &curve, i);
        }
        /* blocks of sites that the lost one had a part in may be missed by the replay, until a checkpoint */
        for (size_t i = curve_column_at(&curve, story->events[(lost + 2) * BLOCK_EVENTS].units) + 1;
             i < curve.count; i++)
                compare_column(story, &curve, i);
        curve_deinit(&curve);
        forget(story, trace);
}

Test(curve, goes_on_after_a_lost_block) {
        lose(3); /* a checkpoint follows */
        lose(4); /* its header alone */
}

Test(curve, begins_with_what_the_header_after_a_gap_says) {
        struct tb *tb = tb_new(1, MTR_STORED);
        uint32_t site = tb_site(tb, 0, 100, MTR_KIND_MALLOC);
        struct trace *trace;
        struct curve curve;

        tb_alloc(tb, site);
        tb_block(tb);
        tb_at(tb, 3 * MS);
        tb_alloc(tb, site);
        tb_block(tb);
        tb_at(tb, 5 * MS);
        tb_alloc(tb, site);
        tb_end(tb, MTR_END_EXITED, 0);
        trace = load(tb);
        tb->file.data[trace->reader->blocks[1].offset_bytes] ^= 1;
        trace_free(trace);
        trace = load(tb);
        cr_assert_eq(curve_make(trace, 0, 9 * MS, 10, &curve), 0);
        for (uint64_t i = 0; i < 10; i++) {
                cr_assert_eq(curve.columns[i].last_bytes, i < 5 ? 100 : 300, "column %ju", (uintmax_t)i);
                cr_assert_eq(curve.columns[i].damaged, i <= 5, "column %ju", (uintmax_t)i);
        }
        curve_deinit(&curve);
        trace_free(trace);
        tb_free(tb);
}
