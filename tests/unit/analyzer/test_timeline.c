/*
 * replay/slices.c and aggregate/timeline.c: states at slices' peaks and ends beside books kept while the
 * trace is built, and rows that are folded.
 */
#include "aggregate/timeline.h"
#include "base/message.h"
#include "load.h"
#include "replay/slices.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define MS 1000000u
#define SITES 12u
#define THREADS 3u
#define UNITS 40u

struct books {
        uint64_t live[SITES][THREADS], bytes;
        uint32_t ms;
};

/* After each event, and before the first. */
static struct books *history;
static size_t history_count;

static struct tb *begin(void) {
        struct tb *tb = tb_new(1, MTR_ZSTD);
        uint32_t parent = 0, module;

        tb->numbering = true;
        tb->process_flags = MTR_PROCESS_OWNERS;
        tb_process(tb, "/nonexistent/app", "");
        for (uint32_t i = 0; i < THREADS; i++)
                tb_thread(tb, 100 + i, "worker");
        module = tb_module(tb, 0x400000, 0x500000, 0, NULL, 0, "/nonexistent/app");
        /* stacks of two sites each: the first of one size, the others of several */
        for (uint32_t i = 0; i < SITES; i++) {
                if (i % 2 == 0)
                        parent = tb_stack(tb, i % 4 ? parent : 0, tb_frame(tb, module, 0x1000 + i, false));
                tb_site(tb, parent, i < 2 ? 32 : 10 + i * 7, MTR_KIND_MALLOC);
        }
        return tb;
}

/* One event of any thread, told by the thread itself. */
static void step(struct tb *tb, struct books *now, uint32_t ms) {
        uint32_t site = (uint32_t)(random() % SITES), thread = (uint32_t)(random() % THREADS);
        uint64_t size_bytes = tb->site_books[site].size_bytes;

        tb_switch(tb, thread);
        if (now->live[site][thread] > 0 && random() % 2) {
                tb_release(tb, site, false);
                now->live[site][thread]--;
                now->bytes -= size_bytes;
        } else {
                tb_alloc(tb, site);
                now->live[site][thread]++;
                now->bytes += size_bytes;
        }
        now->ms = ms;
        history[history_count++] = *now;
}

/* Many events in a millisecond, none in others, blocks that begin and end anywhere. */
static struct trace *walk(unsigned seed) {
        struct tb *tb = begin();
        struct books now = { 0 };
        struct trace *trace;

        srandom(seed);
        history = calloc(UNITS * 20 + 2, sizeof(*history));
        history_count = 1;
        for (uint32_t ms = 0; ms < UNITS; ms++) {
                if (random() % 4 == 0)
                        continue;
                tb_at(tb, (uint64_t)ms * MS + 1);
                if (random() % 3 == 0) {
                        tb_block(tb);
                        if (random() % 2)
                                tb_checkpoint(tb);
                        tb_at(tb, (uint64_t)ms * MS + 2);
                }
                for (int i = 0; i < 1 + (int)(random() % 18); i++)
                        step(tb, &now, ms);
        }
        tb_end(tb, MTR_END_EXITED, 0);
        trace = load_whole(tb);
        tb_free(tb);
        return trace;
}

/* The first of the books that are not earlier than that time. */
static size_t after(size_t from, uint64_t ms) {
        while (from < history_count && history[from].ms <= ms)
                from++;
        return from;
}

/* The books at a stop of the slices. */
static const struct books *books_at(const struct slices *slices, size_t stop) {
        const struct slices_slice *slice = &slices->items[stop / 2];
        size_t first = stop < 2 ? 1 : after(1, slice[-1].end_ns / MS), end = after(1, slice->end_ns / MS);
        const struct books *best = &history[first - 1];

        if (stop % 2)
                return &history[end - 1];
        for (size_t i = first; i < end; i++)
                if (history[i].bytes > best->bytes)
                        best = &history[i];
        return best;
}

static void find(struct trace *trace, size_t count, struct slices *slices) {
        cr_assert_eq(slices_find(trace, count, slices), 0);
        cr_assert_leq(slices->count, count);
        for (size_t k = 0; k < slices->count; k++) {
                const struct books *peak = books_at(slices, SLICES_STOP_PEAK(k));
                /* what is held from before stands at the slice's begin */
                uint64_t begin_ms = k > 0 ? slices->items[k - 1].end_ns / MS : 0;

                cr_assert_eq(slices->items[k].peak_bytes, peak->bytes, "slice %zu", k);
                cr_assert_eq(slices->items[k].peak_ns / MS, peak->ms > begin_ms ? peak->ms : begin_ms);
                cr_assert_eq(slices->items[k].end_bytes, books_at(slices, SLICES_STOP_END(k))->bytes);
        }
        cr_assert_eq(slices->items[slices->count - 1].end_bytes, history[history_count - 1].bytes);
}

/* Told changes, added up, against the books at each stop. */
struct following {
        const struct slices *slices;
        struct books now;
        size_t stop;
        bool by_thread;
};

static void compare(struct following *following, size_t next) {
        for (; following->stop < next; following->stop++) {
                const struct books *books = books_at(following->slices, following->stop);

                for (uint32_t site = 0; site < SITES; site++) {
                        uint64_t sum = 0, told = 0;

                        for (uint32_t k = 0; k < THREADS; k++) {
                                sum += books->live[site][k];
                                told += following->now.live[site][k];
                                if (following->by_thread)
                                        cr_assert_eq(following->now.live[site][k], books->live[site][k]);
                        }
                        cr_assert_eq(told, sum, "stop %zu, site %u: %lu, not %lu", following->stop, site,
                                     told, sum);
                }
        }
}

static int follow(void *context, size_t stop, uint32_t site, uint32_t thread, int64_t blocks) {
        struct following *following = context;

        compare(following, stop);
        cr_assert_eq(thread == BY_THREAD_UNKNOWN, !following->by_thread);
        cr_assert_neq(blocks, 0);
        following->now.live[site][following->by_thread ? thread : 0] += (uint64_t)blocks;
        return 0;
}

TestSuite(timeline, .init = message_silence);

Test(timeline, slices_end_and_peak_as_the_books_have_it) {
        static const size_t counts[] = { 1, 2, 7, UNITS, 1000 };

        for (unsigned seed = 0; seed < 12; seed++) {
                struct trace *trace = walk(seed);

                for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
                        for (int by_thread = 0; by_thread < 2; by_thread++) {
                                struct slices slices;
                                struct following following = { .slices = &slices, .by_thread = by_thread };
                                const struct slices_taker taker = { follow, &following };

                                find(trace, counts[i], &slices);
                                cr_assert_eq(slices_tell(trace, &slices, by_thread, &taker), 0);
                                compare(&following, 2 * slices.count);
                                slices_deinit(&slices);
                        }
                trace_free(trace);
                free(history);
        }
}

#define STOPS (2 * 9)

/* By stop and thread what the rows hold, by their bytes alone. */
struct held {
        int64_t blocks[STOPS][THREADS], bytes[STOPS][THREADS];
};

static uint64_t read_varint(const struct timeline_row *row, size_t *at) {
        uint64_t value = 0;

        for (unsigned shift = 0;; shift += 7) {
                uint8_t byte = row->changes.data[(*at)++];

                value |= (uint64_t)(byte & 127) << shift;
                if (byte < 128)
                        return value;
        }
}

static int64_t read_svarint(const struct timeline_row *row, size_t *at) {
        uint64_t value = read_varint(row, at);

        return (int64_t)(value >> 1 ^ -(value & 1));
}

static void add_row(const struct timeline_row *row, struct held *held) {
        int64_t high = 0, bytes = 0;
        size_t stop = 0, count = 0;

        for (size_t at = 0; at < row->changes.length; count++) {
                int64_t blocks, more;

                stop += read_varint(row, &at);
                blocks = read_svarint(row, &at);
                more = row->block_bytes == TIMELINE_SEVERAL ? read_svarint(row, &at)
                                                            : blocks * (int64_t)row->block_bytes;
                cr_assert_lt(stop, STOPS);
                bytes += more;
                high = bytes > high ? bytes : high;
                for (size_t i = stop; i < STOPS; i++) {
                        held->blocks[i][row->thread] += blocks;
                        held->bytes[i][row->thread] += more;
                }
        }
        cr_assert_eq(count, row->change_count);
        cr_assert_eq((uint64_t)high, row->high_bytes);
}

static void holds_the_books(const struct timeline *timeline, const struct slices *slices) {
        struct held held = { 0 };

        for (size_t i = 0; i < timeline->row_count; i++)
                add_row(&timeline->rows[i], &held);
        for (size_t stop = 0; stop < STOPS; stop++) {
                const struct books *books = books_at(slices, stop);
                int64_t all = 0;

                for (uint32_t k = 0; k < THREADS; k++) {
                        int64_t blocks = 0;

                        for (uint32_t site = 0; site < SITES; site++)
                                blocks += (int64_t)books->live[site][k];
                        cr_assert_eq(held.blocks[stop][k], blocks);
                        all += held.bytes[stop][k];
                }
                cr_assert_eq((uint64_t)all, books->bytes);
        }
}

Test(timeline, rows_hold_what_the_books_have_folded_or_not) {
        for (unsigned seed = 20; seed < 24; seed++) {
                struct trace *trace = walk(seed);
                struct symbols *symbols = symbols_new(trace);
                struct charge *charge = charge_new(trace, symbols, CHARGE_LEAF, NULL);
                struct timeline timeline;
                const struct slices_taker taker = { timeline_take, &timeline };
                struct slices slices;
                bool keep[SITES * THREADS];
                size_t kept = 0, before, small = 0, of_one_size = 0;
                struct held folded = { 0 };
                int64_t most = 0;

                find(trace, STOPS / 2, &slices);
                cr_assert_eq(timeline_init(&timeline, trace, charge, NULL, NULL), 0);
                cr_assert_eq(slices_tell(trace, &slices, true, &taker), 0);
                cr_assert_eq(timeline_end(&timeline), 0);
                cr_assert_eq(timeline.row_count, SITES / 2 * THREADS);
                holds_the_books(&timeline, &slices);
                before = timeline.row_count;
                for (size_t i = 0; i < before; i++) {
                        keep[i] = i % 3 == 0;
                        kept += keep[i];
                        of_one_size += timeline.rows[i].block_bytes == 32;
                        if (!keep[i])
                                add_row(&timeline.rows[i], &folded);
                }
                cr_assert_eq(of_one_size, THREADS);
                cr_assert_eq(timeline_fold(&timeline, keep, STOPS), 0);
                holds_the_books(&timeline, &slices);
                for (size_t i = 0; i < timeline.row_count; i++)
                        small += timeline.rows[i].node == TIMELINE_SMALL;
                cr_assert_eq(timeline.row_count, kept + small);
                cr_assert_eq(small, THREADS);
                cr_assert_eq(timeline.folded_rows, before - kept);
                for (size_t stop = 0; stop < STOPS; stop++) {
                        int64_t sum = folded.bytes[stop][0] + folded.bytes[stop][1] + folded.bytes[stop][2];

                        most = sum > most ? sum : most;
                }
                cr_assert_eq(timeline.folded_bytes, (uint64_t)most);
                timeline_deinit(&timeline);
                slices_deinit(&slices);
                charge_free(charge);
                symbols_free(symbols);
                trace_free(trace);
                free(history);
        }
}

Test(timeline, a_line_of_two_modules_is_two_places) {
        const struct symbol_frame frames[] = {
                { .file = "list.h", .function = "push", .module = "/a", .line = 7, .has_line = true },
                { .file = "list.h", .function = "push", .module = "/b", .line = 7, .has_line = true },
                { .file = "list.h", .function = "push", .module = "/a", .line = 7, .has_line = true },
                { .file = "list.h", .function = "pop", .module = "/a", .line = 7, .has_line = true },
        };
        static const uint32_t wanted[] = { 0, 1, 0, 2 };
        struct keys keys = { .by = AGGREGATE_FRAME };

        for (size_t i = 0; i < sizeof(frames) / sizeof(*frames); i++) {
                uint32_t number;

                cr_assert_eq(keys_place(&keys, &frames[i], &number), 0);
                cr_assert_eq(number, wanted[i], "frame %zu", i);
        }
        keys_deinit(&keys);
}
