/*
 * judge/together.c beside all that each process held in each millisecond, added up one by one.
 */
#include "base/message.h"
#include "judge/together.h"
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MS 1000000u
#define EPOCH_MS 1700000000000u
#define SITES 6u
#define SPAN_MS 60000u
#define RUNS 6u

/* What one process held at the least and at the most, by millisecond of the common clock. */
struct process {
        struct tb *tb;
        int fd;
        uint64_t start_ms, end_ms;
        uint64_t low[SPAN_MS], high[SPAN_MS];
};

static uint64_t random_state;

static uint64_t next_random(void) {
        random_state ^= random_state << 13, random_state ^= random_state >> 7,
                random_state ^= random_state << 17;
        return random_state;
}

static void note(struct process *process, uint64_t at_ms, uint64_t bytes) {
        if (bytes < process->low[at_ms])
                process->low[at_ms] = bytes;
        if (bytes > process->high[at_ms])
                process->high[at_ms] = bytes;
}

/* From one millisecond to another, with so much from the one on. */
static void go_on(struct process *process, uint64_t *at_ms, uint64_t until_ms) {
        uint64_t bytes = process->tb->live_bytes;

        while (*at_ms < until_ms) {
                ++*at_ms;
                process->low[*at_ms] = process->high[*at_ms] = bytes;
        }
        tb_at(process->tb, (*at_ms - process->start_ms) * MS);
}

static struct process *begin(uint64_t start_ms, uint64_t beyond_ns) {
        struct process *process = calloc(1, sizeof(*process));

        process->tb = tb_new(1, MTR_STORED);
        process->start_ms = start_ms;
        tb_started(process->tb, (EPOCH_MS + start_ms) * MS + beyond_ns);
        return process;
}

/* Events at most `pause_ms` apart, of blocks up to 8^(sites - 1) bytes. */
static struct process *tell(uint64_t start_ms, uint64_t last_ms, size_t events, uint64_t pause_ms,
                            uint32_t sites) {
        struct process *process = begin(start_ms, next_random() % MS);
        struct tb *tb = process->tb;
        uint64_t at_ms = start_ms;

        for (uint32_t i = 0; i < sites; i++)
                tb_site(tb, 0, 1u << (3 * i), MTR_KIND_MALLOC);
        for (size_t i = 0; i < events; i++) {
                uint32_t site = (uint32_t)(next_random() % sites);
                uint64_t next_ms = at_ms + (next_random() % 4 ? 0 : next_random() % (pause_ms + 1));

                if (next_ms > last_ms)
                        break;
                go_on(process, &at_ms, next_ms);
                if (next_random() % 2 && tb->site_books[site].live > 0)
                        tb_release(tb, site, false);
                else
                        tb_alloc(tb, site);
                note(process, at_ms, tb->live_bytes);
                if (next_random() % 300 == 0)
                        tb_block(tb);
        }
        go_on(process, &at_ms, last_ms);
        process->low[at_ms] = 0;
        process->end_ms = at_ms;
        return process;
}

static void add(struct together *together, struct process *process) {
        char path[40];
        struct trace *trace;

        tb_end(process->tb, MTR_END_EXITED, 0);
        process->fd = tb_memfd(process->tb->file.data, process->tb->file.length);
        /* a name that it can be opened by again */
        snprintf(path, sizeof(path), "/proc/self/fd/%d", process->fd);
        cr_assert_eq(trace_open(path, &trace), 0);
        cr_assert_eq(trace->reader->damage_count, 0);
        cr_assert_eq(together_add(together, trace), 0);
        trace_free(trace);
}

static void forget(struct together *together, struct process **processes, size_t count) {
        together_deinit(together);
        for (size_t i = 0; i < count; i++) {
                close(processes[i]->fd);
                tb_free(processes[i]->tb);
                free(processes[i]);
        }
}

/* No less than the one with its highest beside the others' lowest, no more than all highest. */
static struct together_peak add_up(struct process *const *processes, size_t count) {
        /* where nothing is ever held, it is when the first began */
        struct together_peak peak = { .unix_units = UINT64_MAX };

        for (size_t i = 0; i < count; i++)
                if (EPOCH_MS + processes[i]->start_ms < peak.unix_units)
                        peak.unix_units = EPOCH_MS + processes[i]->start_ms;
        for (uint64_t ms = 0; ms < SPAN_MS; ms++) {
                uint64_t low = 0, high = 0, beyond = 0;

                for (size_t i = 0; i < count; i++) {
                        const struct process *process = processes[i];

                        low += process->low[ms];
                        high += process->high[ms];
                        if (process->high[ms] - process->low[ms] > beyond)
                                beyond = process->high[ms] - process->low[ms];
                }
                if (low + beyond > peak.low_bytes)
                        peak.low_bytes = low + beyond;
                if (high > peak.high_bytes) {
                        peak.high_bytes = high;
                        peak.unix_units = EPOCH_MS + ms;
                }
        }
        return peak;
}

/* Whether it is one number. */
static bool compare(struct process **processes, size_t count) {
        struct together_peak wanted, peak;
        struct together together = { 0 };

        for (size_t i = 0; i < count; i++)
                add(&together, processes[i]);
        wanted = add_up(processes, count);
        cr_assert_eq(together_find(&together, &peak), 0);
        cr_assert_not(together.unsure);
        cr_assert_eq(peak.low_bytes, wanted.low_bytes, "%ju, not %ju", (uintmax_t)peak.low_bytes,
                     (uintmax_t)wanted.low_bytes);
        cr_assert_eq(peak.high_bytes, wanted.high_bytes, "%ju, not %ju", (uintmax_t)peak.high_bytes,
                     (uintmax_t)wanted.high_bytes);
        cr_assert_eq(peak.unix_units, wanted.unix_units, "%ju, not %ju", (uintmax_t)peak.unix_units,
                     (uintmax_t)wanted.unix_units);
        for (size_t i = 0; i < count; i++) {
                uint64_t ms = peak.unix_units - EPOCH_MS, time_ns;
                bool there = ms >= processes[i]->start_ms && ms <= processes[i]->end_ms;

                cr_assert_eq(together_time(&together, &peak, i, &time_ns), there);
                if (there)
                        cr_assert_eq(time_ns, (ms - processes[i]->start_ms) * MS);
        }
        forget(&together, processes, count);
        return peak.low_bytes == peak.high_bytes;
}

TestSuite(together, .init = message_silence);

Test(together, is_the_highest_sum_of_any_millisecond) {
        size_t ranges = 0;

        random_state = 88172645463325252u;
        for (size_t round = 0; round < 60; round++) {
                static const uint64_t pauses_ms[] = { 1, 20, 400 };
                struct process *processes[RUNS];
                size_t count = 1 + round % RUNS;

                for (size_t i = 0; i < count; i++) {
                        uint64_t start_ms = next_random() % (round % 2 ? 50 : SPAN_MS / 2);
                        uint64_t last_ms = start_ms + next_random() % (SPAN_MS / 2 - 1);

                        processes[i] = tell(start_ms, round % 4 ? last_ms : SPAN_MS - 1, 3000,
                                            pauses_ms[round % 3], 1 + (uint32_t)(next_random() % SITES));
                }
                ranges += !compare(processes, count);
        }
        /* in most it does not matter which of two events came first */
        cr_assert_eq(ranges, 9, "%zu", ranges);
}

/* One block of so many bytes from one millisecond to another. */
static struct process *hold(uint64_t start_ms, uint64_t from_ms, uint64_t to_ms, uint64_t last_ms,
                            uint64_t size_bytes) {
        struct process *process = begin(start_ms, 0);
        uint32_t site = tb_site(process->tb, 0, size_bytes, MTR_KIND_MALLOC);
        uint64_t at_ms = start_ms;

        go_on(process, &at_ms, from_ms);
        tb_alloc(process->tb, site);
        note(process, at_ms, size_bytes);
        go_on(process, &at_ms, to_ms);
        tb_release(process->tb, site, false);
        note(process, at_ms, 0);
        go_on(process, &at_ms, last_ms);
        process->low[at_ms] = 0;
        process->end_ms = at_ms;
        return process;
}

Test(together, is_one_number_where_what_is_held_overlaps_for_long) {
        struct process *processes[] = { hold(0, 1, 30000, 40000, 100), hold(10, 20000, 50000, 59000, 100),
                                        hold(100, 25000, 25001, 26000, 7) };

        cr_assert(compare(processes, 3));
}

Test(together, is_a_range_where_one_ends_in_the_millisecond_in_which_another_begins) {
        struct process *processes[] = { hold(0, 10, 999, 1000, 1), hold(1000, 1000, 1500, 2000, 70) };
        struct together together = { 0 };
        struct together_peak peak;

        tb_alloc(processes[0]->tb, 0); /* at its end */
        for (size_t i = 0; i < 2; i++)
                add(&together, processes[i]);
        cr_assert_eq(together_find(&together, &peak), 0);
        cr_assert_eq(peak.low_bytes, 70);
        cr_assert_eq(peak.high_bytes, 71);
        cr_assert_eq(peak.unix_units, EPOCH_MS + 1000);
        for (size_t i = 0; i < 2; i++) {
                uint64_t time_ns;

                cr_assert(together_time(&together, &peak, i, &time_ns));
                cr_assert_eq(time_ns, i ? 0 : 1000 * MS);
        }
        forget(&together, processes, 2);
}

Test(together, is_nothing_where_nothing_happened) {
        struct process *processes[] = { begin(5, 0) };

        processes[0]->end_ms = 5;

        cr_assert(compare(processes, 1));
}

Test(together, is_unsure_where_a_part_is_lost) {
        struct process *process = tell(0, 5000, 3000, 20, 2);
        struct together together = { 0 };
        struct trace *trace;

        tb_end(process->tb, MTR_END_EXITED, 0);
        trace = load_whole(process->tb);
        process->tb->file.data[trace->reader->blocks[1].offset_bytes] ^= 1;
        trace_free(trace);
        trace = load(process->tb);
        cr_assert_eq(together_add(&together, trace), 0);
        cr_assert(together.unsure);
        trace_free(trace);
        together_deinit(&together);
        tb_free(process->tb);
        free(process);
}

Test(together, needs_the_traces_where_they_were) {
        struct process *processes[] = { tell(0, 50000, 3000, 20, 2), tell(0, 50000, 3000, 20, 2) };
        struct together together = { 0 };
        struct together_peak peak;

        for (size_t i = 0; i < 2; i++) {
                add(&together, processes[i]);
                close(processes[i]->fd);
        }
        cr_assert_eq(together_find(&together, &peak), -ENOENT);
        for (size_t i = 0; i < 2; i++)
                processes[i]->fd = dup(0);
        forget(&together, processes, 2);
}
