/*
 * That replay/ looks at what is taken of a trace and at nothing else: beside each
 * choice of a trace's domains stands a trace that has the same in its heap, and no more.
 */
#include "base/message.h"
#include "load.h"
#include "reader/domains.h"
#include "replay/by_domain.h"
#include "replay/by_thread.h"
#include "replay/curve.h"
#include "replay/groups.h"
#include "replay/lifetimes.h"
#include "replay/mark_states.h"
#include "replay/moment.h"
#include "replay/slices.h"
#include "trace_builder_bytes.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define MS 1000000u
#define SITES 12u
#define THREADS 3u
#define BLOCKS 7u
#define BLOCK_EVENTS 400
#define KINDS 3u              /* the heap and two domains, sites in turn */
#define CHOICES (1u << KINDS) /* as bits by domain */

/* traces[0] has all of it, each where it belongs; traces[choice] has what the choice has, in its heap. */
struct told {
        struct tb *tbs[CHOICES];
        struct trace *traces[CHOICES];
};

static const uint32_t domain_of[KINDS] = { 0, 2, 5 };

static bool has(size_t number, uint32_t site) {
        return number == 0 || number >> site % KINDS & 1;
}

static struct tb *begin(bool all) {
        struct tb *tb = tb_new(1, MTR_ZSTD);

        tb->numbering = true;
        tb->process_flags = MTR_PROCESS_OWNERS;
        tb_process(tb, "/nonexistent/app", "");
        if (all) {
                tb_domain(tb, domain_of[1], "pool");
                tb_domain(tb, domain_of[2], "jit");
        }
        for (uint32_t i = 0; i < THREADS; i++)
                tb_thread(tb, 100 + i, "worker");
        for (uint32_t i = 0; i < SITES; i++) {
                tb->domain = all ? domain_of[i % KINDS] : 0;
                tb_site(tb, i < 3 ? 0 : tb_stack(tb, 0, tb_frame(tb, UINT32_MAX, i, false)), 1 + i * 37,
                        MTR_KIND_MALLOC);
        }
        return tb;
}

struct book {
        uint64_t live[SITES][THREADS];
};

static uint32_t any_owner(const struct book *book, uint32_t site) {
        uint32_t first = (uint32_t)(random() % THREADS);

        for (uint32_t i = 0; i < THREADS; i++)
                if (book->live[site][(first + i) % THREADS] > 0)
                        return (first + i) % THREADS;
        return THREADS;
}

static void free_everywhere(struct told *told, uint32_t site, uint32_t thread, uint32_t owner,
                            bool temporary) {
        for (size_t k = 0; k < CHOICES; k++) {
                if (!has(k, site))
                        continue;
                if (owner != thread)
                        tb_owner(told->tbs[k], owner);
                tb_release(told->tbs[k], site, temporary);
        }
}

static void one_event(struct told *told, struct book *book, uint32_t thread, int growth) {
        uint32_t site = (uint32_t)(random() % SITES), owner = any_owner(book, site);
        uint64_t time_ns = told->tbs[0]->time_ns + (uint64_t)(random() % (MS / 5));
        bool temporary = random() % 2 && owner == thread;

        for (size_t k = 0; k < CHOICES; k++)
                tb_at(told->tbs[k], time_ns);
        if (owner < THREADS && random() % 100 >= growth) {
                free_everywhere(told, site, thread, owner, temporary);
                book->live[site][owner]--;
                return;
        }
        for (size_t k = 0; k < CHOICES; k++)
                if (has(k, site))
                        tb_alloc(told->tbs[k], site);
        book->live[site][thread]++;
}

/* Marks, threads, checkpoints and lives in all of them; the last block has an end unless it is `cut`. */
static struct told *tell(unsigned seed, bool cut) {
        struct told *told = calloc(1, sizeof(*told));
        struct book book = { 0 };

        srandom(seed);
        for (size_t k = 0; k < CHOICES; k++)
                told->tbs[k] = begin(k == 0);
        for (int block = 0; block < (int)BLOCKS; block++) {
                uint32_t thread = (uint32_t)block % THREADS;

                for (size_t k = 0; k < CHOICES; k++)
                        tb_switch(told->tbs[k], thread);
                for (int i = 0; i < BLOCK_EVENTS; i++) {
                        one_event(told, &book, thread, block < 4 ? 65 : 35);
                        for (size_t k = 0; k < CHOICES && i % 150 == 90; k++)
                                tb_mark(told->tbs[k], MTR_MARK, "phase");
                }
                for (size_t k = 0; k < CHOICES; k++) {
                        for (uint32_t i = 0; i < SITES; i++)
                                if (has(k, i))
                                        tb_lives(told->tbs[k], i, i % 2 ? 0 : MTR_DISTANCE_OTHER, 2, 5 + i,
                                                 10 + 2 * i);
                        if (block + 1 == (int)BLOCKS)
                                continue;
                        tb_block(told->tbs[k]);
                        if (block % 3 == 1)
                                tb_checkpoint(told->tbs[k]);
                }
        }
        for (size_t k = 0; k < CHOICES; k++) {
                if (cut)
                        tb_block(told->tbs[k]);
                else
                        tb_end(told->tbs[k], MTR_END_EXITED, 0);
                told->traces[k] = load_whole(told->tbs[k]);
        }
        return told;
}

static void forget(struct told *told) {
        for (size_t k = 0; k < CHOICES; k++) {
                trace_free(told->traces[k]);
                tb_free(told->tbs[k]);
        }
        free(told);
}

static void take(struct trace *trace, size_t choice) {
        bool taken[DOMAINS_MOST] = { 0 };

        for (size_t i = 0; i < KINDS; i++)
                taken[domain_of[i]] = choice >> i & 1;
        cr_assert_eq(domains_take(trace, taken), 0);
}

TestSuite(domains_replay, .init = message_silence, .timeout = 120);

static void same_totals(const struct replay *one, const struct replay *other) {
        cr_assert_eq(one->totals.allocations, other->totals.allocations);
        cr_assert_eq(one->totals.frees, other->totals.frees);
        cr_assert_eq(one->totals.temporary, other->totals.temporary);
        cr_assert_eq(one->totals.allocated_bytes, other->totals.allocated_bytes);
        cr_assert_eq(one->totals.unknown_stacks, other->totals.unknown_stacks);
        cr_assert_eq(one->totals.live_bytes, other->totals.live_bytes);
        cr_assert_eq(one->totals.live_blocks, other->totals.live_blocks);
        cr_assert_eq(one->totals.peak_bytes, other->totals.peak_bytes);
        cr_assert_eq(one->totals.peak_time_ns, other->totals.peak_time_ns);
        cr_assert_eq(one->bad_events + other->bad_events, 0);
        cr_assert_eq(one->mismatches + other->mismatches, 0, "%s%s", one->first_mismatch,
                     other->first_mismatch);
}

static void same_pairs(const struct by_thread *one, const struct by_thread *other) {
        cr_assert_eq(one->count, other->count);
        for (size_t i = 0; i < one->count; i++) {
                cr_assert_eq(one->pairs[i].site, other->pairs[i].site);
                cr_assert_eq(one->pairs[i].thread, other->pairs[i].thread);
                cr_assert_arr_eq(&one->pairs[i].counts, &other->pairs[i].counts, sizeof(struct replay_site));
        }
        cr_assert_eq(one->misfits + other->misfits + one->unsure + other->unsure, 0);
}

static void same_replay(struct trace *mixed, struct trace *alone, const char *when, enum replay_from from) {
        struct replay one, other;
        struct moment moment;
        uint64_t one_ns, other_ns;

        cr_assert_eq(moment_read(when, &moment), 0);
        cr_assert_eq(moment_replay(mixed, moment, from, &one, &one_ns), 0);
        cr_assert_eq(moment_replay(alone, moment, from, &other, &other_ns), 0);
        cr_assert_eq(one_ns / MS, other_ns / MS, "%s", when);
        cr_assert_arr_eq(one.sites, other.sites, SITES * sizeof(*one.sites), "%s from %d", when, (int)from);
        if (from == REPLAY_FROM_CHECKPOINT) {
                cr_assert_eq(one.totals.live_bytes, other.totals.live_bytes);
                cr_assert_eq(one.totals.live_blocks, other.totals.live_blocks);
        } else {
                same_totals(&one, &other);
        }
        if (one.high_bytes)
                cr_assert_arr_eq(one.high_bytes, other.high_bytes, SITES * sizeof(*one.high_bytes));
        if (one.by_thread)
                same_pairs(one.by_thread, other.by_thread);
        replay_deinit(&one);
        replay_deinit(&other);
}

Test(domains_replay, every_way_to_every_moment_is_of_what_is_taken) {
        static const char *const whens[] = { "start", "peak", "end", "50%", "33ms", "phase#2", "phase#9" };

        for (unsigned seed = 0; seed < 3; seed++) {
                struct told *told = tell(seed, seed == 2);

                for (size_t choice = 1; choice < CHOICES; choice++) {
                        take(told->traces[0], choice);
                        for (size_t i = 0; i < sizeof(whens) / sizeof(*whens); i++)
                                for (int from = REPLAY_FROM_BEGINNING; from <= REPLAY_WITH_ALL; from++)
                                        same_replay(told->traces[0], told->traces[choice], whens[i],
                                                    (enum replay_from)from);
                }
                forget(told);
        }
}

Test(domains_replay, the_heap_alone_is_taken_at_first) {
        struct told *told = tell(7, false);

        cr_assert(domains_are_heap(told->traces[0]) && domains_taken(told->traces[0], 0));
        cr_assert_not(domains_taken(told->traces[0], domain_of[1]));
        same_replay(told->traces[0], told->traces[1], "end", REPLAY_WITH_ALL);
        take(told->traces[0], 6);
        cr_assert_not(domains_are_heap(told->traces[0]));
        cr_assert_eq(domains_take(told->traces[0], NULL), 0);
        same_replay(told->traces[0], told->traces[1], "peak", REPLAY_WITH_ALL);
        forget(told);
}

Test(domains_replay, nothing_may_be_taken) {
        struct told *told = tell(7, false);
        struct replay replay;
        uint64_t time_ns;

        for (size_t k = 0; k < 2; k++) {
                take(told->traces[k], 0);
                cr_assert_not(domains_are_heap(told->traces[k]));
                cr_assert_eq(moment_replay(told->traces[k], (struct moment){ .kind = MOMENT_PEAK },
                                           REPLAY_FROM_BEGINNING, &replay, &time_ns),
                             0);
                cr_assert_eq(replay.totals.allocations + replay.totals.frees + replay.totals.peak_bytes, 0);
                cr_assert_eq(time_ns, told->tbs[k]->end.time_ns); /* the end is as good */
                replay_deinit(&replay);
        }
        forget(told);
}

static void same_curve(struct trace *mixed, struct trace *alone) {
        uint64_t last_ns = moment_last_ns(alone);
        struct curve one, other;

        cr_assert_eq(curve_make(mixed, 0, last_ns, 37, &one), 0);
        cr_assert_eq(curve_make(alone, 0, last_ns, 37, &other), 0);
        for (size_t i = 0; i < 37; i++) {
                const struct curve_column *left = &one.columns[i], *right = &other.columns[i];

                cr_assert_eq(left->first_bytes, right->first_bytes);
                cr_assert_eq(left->last_bytes, right->last_bytes);
                cr_assert_eq(left->low_bytes, right->low_bytes);
                cr_assert_eq(left->high_bytes, right->high_bytes);
                cr_assert_eq(left->high_units, right->high_units);
                cr_assert_float_eq(left->mean_bytes, right->mean_bytes, 1e-6);
                cr_assert_eq(left->events, right->events, "column %zu: %lu, not %lu", i, left->events,
                             right->events);
        }
        curve_deinit(&one);
        curve_deinit(&other);
}

/* What each interval's groups held, added up into one number that its order does not change. */
struct hearing {
        uint64_t sums[40];
        size_t count;
};

static int hear(void *context, size_t interval, uint32_t group, const struct groups_held *held) {
        struct hearing *hearing = context;

        hearing->sums[interval] +=
                (held->least_bytes * 3 + held->most_bytes * 5 + held->end_bytes * 7) * (group + 1);
        return 0;
}

static int hear_end(void *context, size_t interval, bool unsure) {
        struct hearing *hearing = context;

        cr_assert_eq(interval, hearing->count++);
        cr_assert_not(unsure);
        return 0;
}

static struct hearing hear_groups(struct trace *trace) {
        static const uint32_t group_of[SITES] = { 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3 };
        struct groups_end ends[40];
        struct hearing hearing = { 0 };
        const struct groups_cut cut = { group_of, 4, ends, 40 };
        const struct groups_taker taker = { hear, hear_end, &hearing };

        for (uint64_t i = 0; i < 40; i++)
                ends[i] = groups_end_units(i * 8);
        cr_assert_eq(groups_tell(trace, &cut, &taker), 0);
        cr_assert_eq(hearing.count, 40);
        return hearing;
}

static void same_groups(struct trace *mixed, struct trace *alone) {
        const struct hearing one = hear_groups(mixed), other = hear_groups(alone);

        cr_assert_arr_eq(one.sums, other.sums, sizeof(one.sums));
}

static void same_lifetimes(struct trace *mixed, struct trace *alone) {
        struct lifetimes one, other;

        cr_assert_eq(lifetimes_read(mixed, &one), 0);
        cr_assert_eq(lifetimes_read(alone, &other), 0);
        cr_assert_arr_eq(one.sites, other.sites, SITES * sizeof(*one.sites));
        cr_assert_eq(one.class_count, other.class_count);
        cr_assert_arr_eq(one.classes, other.classes, one.class_count * sizeof(*one.classes));
        cr_assert_arr_eq(&one.all, &other.all, sizeof(one.all));
        lifetimes_deinit(&one);
        lifetimes_deinit(&other);
}

static void same_marks(struct trace *mixed, struct trace *alone) {
        struct mark_state one[BLOCKS * 3], other[BLOCKS * 3];

        cr_assert_leq(mixed->mark_count, sizeof(one) / sizeof(*one));
        cr_assert_eq(mixed->mark_count, alone->mark_count);
        cr_assert_eq(mark_states_read(mixed, one) + mark_states_read(alone, other), 0);
        cr_assert_arr_eq(one, other, mixed->mark_count * sizeof(*one));
}

static void same_slices(struct trace *mixed, struct trace *alone) {
        struct slices one, other;

        cr_assert_eq(slices_find(mixed, 20, &one), 0);
        cr_assert_eq(slices_find(alone, 20, &other), 0);
        cr_assert_eq(one.count, other.count);
        for (size_t i = 0; i < one.count; i++) {
                cr_assert_eq(one.items[i].end_bytes, other.items[i].end_bytes);
                cr_assert_eq(one.items[i].peak_bytes, other.items[i].peak_bytes);
                cr_assert_eq(one.items[i].peak_ns, other.items[i].peak_ns);
        }
        slices_deinit(&one);
        slices_deinit(&other);
}

Test(domains_replay, what_is_told_over_time_is_of_what_is_taken) {
        struct told *told = tell(11, false);

        for (size_t choice = 1; choice < CHOICES; choice++) {
                struct trace *mixed = told->traces[0], *alone = told->traces[choice];

                take(mixed, choice);
                same_curve(mixed, alone);
                same_groups(mixed, alone);
                same_lifetimes(mixed, alone);
                same_marks(mixed, alone);
                same_slices(mixed, alone);
        }
        forget(told);
}

static void is_end(const struct trace_domain_end *end, const struct mtr_end *wanted) {
        cr_assert_eq(end->allocations, wanted->allocations);
        cr_assert_eq(end->frees, wanted->frees);
        cr_assert_eq(end->temporary, wanted->temporary);
        cr_assert_eq(end->allocated_bytes, wanted->allocated_bytes);
        cr_assert_eq(end->peak_bytes, wanted->peak_bytes);
        cr_assert_eq(end->live_bytes, wanted->live_bytes);
        cr_assert_eq(end->live_blocks, wanted->live_blocks);
}

Test(domains_replay, ends_are_what_the_events_come_to) {
        struct told *told = tell(5, false);
        struct trace_domain_end *counted = calloc(DOMAINS_MOST, sizeof(*counted));

        take(told->traces[0], 2);
        cr_assert_eq(by_domain_read(told->traces[0], counted), 0);
        cr_assert(!domains_taken(told->traces[0], 0) && domains_taken(told->traces[0], domain_of[1]));
        for (size_t i = 0; i < KINDS; i++) {
                struct mtr_end end = told->tbs[1u << i]->end;

                end.live_bytes = told->tbs[1u << i]->live_bytes;
                end.live_blocks = told->tbs[1u << i]->live_blocks;
                is_end(&counted[domain_of[i]], &end);
                if (i == 0)
                        continue;
                cr_assert(told->traces[0]->domains[domain_of[i]].has_end);
                is_end(&told->traces[0]->domains[domain_of[i]].end, &end);
        }
        cr_assert(domains_have_ends(told->traces[0]));
        free(counted);
        forget(told);
}

/* The curve in the middle of block 4, which nobody can set right: it goes on from what was known before. */
static void curve_goes_on(struct trace *trace) {
        const struct mtr_block_header *header = &trace->reader->blocks[4].header;
        uint64_t units = (header->first_time_ns + header->last_time_ns) / 2 / MS;
        struct replay_instant instant;
        struct replay replay;
        struct curve curve;

        cr_assert_eq(replay_at(trace, (units - 1) * MS, &instant), 0);
        cr_assert_eq(instant.block, 4);
        cr_assert_eq(replay_init(&replay, trace), 0);
        cr_assert_eq(replay_to(&replay, instant, REPLAY_FROM_BEGINNING), 0);
        cr_assert_eq(curve_make(trace, units * MS, units * MS, 1, &curve), 0);
        cr_assert_eq(curve.columns[0].first_bytes, replay.totals.live_bytes);
        curve_deinit(&curve);
        replay_deinit(&replay);
}

/* A domain has no header that says where it is after a lost block; a checkpoint does. */
Test(domains_replay, a_lost_block_is_made_good_by_a_checkpoint) {
        struct told *told = tell(3, false);
        struct replay replay, whole;

        take(told->traces[0], 4);
        cr_assert_eq(replay_init(&whole, told->traces[4]), 0);
        cr_assert_eq(replay_to(&whole, replay_end(told->traces[4]), REPLAY_FROM_BEGINNING), 0);
        reader_spoil(told->traces[0]->reader, 3, "lost");
        cr_assert_eq(replay_init(&replay, told->traces[0]), 0);
        cr_assert_eq(replay_to(&replay, replay_end(told->traces[0]), REPLAY_FROM_BEGINNING), 0);
        for (uint32_t i = 0; i < SITES; i++)
                cr_assert_eq(replay.sites[i].live_blocks, whole.sites[i].live_blocks);
        cr_assert_eq(replay.totals.live_bytes, whole.totals.live_bytes);
        cr_assert_eq(replay.mismatches, 0, "%s", replay.first_mismatch);
        curve_goes_on(told->traces[0]);
        replay_deinit(&replay);
        replay_deinit(&whole);
        forget(told);
}
