/*
 * replay/by_thread.c and reader/lives.c: what each thread holds, beside books kept for each (site, thread)
 * while the trace is built; and records that are wrong.
 */
#include "base/message.h"
#include "load.h"
#include "replay/by_thread.h"
#include "replay/range.h"
#include "trace_builder_bytes.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define MS 1000000u
#define SITES 20u
#define THREADS 4u
#define BLOCKS 6u
#define BLOCK_EVENTS 500

/* The counts of one (site, thread). */
struct book {
        uint64_t live, allocations, temporary;
};

struct books {
        struct book at[SITES][THREADS];
};

/* Before each block, and at the end. */
struct truth {
        struct books before[BLOCKS + 1];
};

static struct tb *begin(uint32_t sites) {
        struct tb *tb = tb_new(1, MTR_ZSTD);

        tb->numbering = true;
        tb->process_flags = MTR_PROCESS_OWNERS;
        tb_process(tb, "/nonexistent/app", "");
        for (uint32_t i = 0; i < THREADS; i++)
                tb_thread(tb, 100 + i, i ? "worker" : "");
        for (uint32_t i = 0; i < sites; i++)
                tb_site(tb, tb_stack(tb, 0, tb_frame(tb, UINT32_MAX, i, false)), 1 + i * 37, MTR_KIND_MALLOC);
        return tb;
}

/* Some block of the site: the owner's number; THREADS: nobody has any. */
static uint32_t any_owner(const struct books *books, uint32_t site) {
        uint32_t first = (uint32_t)(random() % THREADS);

        for (uint32_t i = 0; i < THREADS; i++)
                if (books->at[site][(first + i) % THREADS].live > 0)
                        return (first + i) % THREADS;
        return THREADS;
}

static void one_event(struct tb *tb, struct books *books, uint32_t thread) {
        uint32_t site = (uint32_t)(random() % SITES), owner = any_owner(books, site);
        bool temporary = random() % 2;

        if (owner == THREADS || random() % 100 < 55) {
                tb_alloc(tb, site);
                books->at[site][thread].live++;
                books->at[site][thread].allocations++;
                return;
        }
        if (owner != thread)
                tb_owner(tb, owner);
        temporary &= owner == thread;
        tb_release(tb, site, temporary);
        books->at[site][owner].live--;
        books->at[site][owner].temporary += temporary;
}

static struct tb *walk(struct truth *truth, unsigned seed) {
        struct tb *tb = begin(SITES);
        struct books books = { 0 };

        srandom(seed);
        for (uint32_t block = 0; block < BLOCKS; block++) {
                uint32_t thread = 0; /* each block begins with it */

                if (block > 0)
                        tb_block(tb);
                if (block % 2)
                        tb_checkpoint(tb);
                truth->before[block] = books;
                for (int i = 0; i < BLOCK_EVENTS; i++) {
                        if (random() % 4 == 0)
                                tb_switch(tb, thread = (uint32_t)(random() % THREADS));
                        tb_at(tb, tb->time_ns + MS / 20);
                        one_event(tb, &books, thread);
                }
        }
        truth->before[BLOCKS] = books;
        tb_end(tb, MTR_END_EXITED, 0);
        return tb;
}

/* Each pair has its book's counts, and none is missing. */
static void has_books(const struct replay *replay, const struct books *books) {
        struct books found = { 0 };

        for (size_t i = 0; i < replay->by_thread->count; i++) {
                const struct by_thread_pair *pair = &replay->by_thread->pairs[i];

                cr_assert_lt(pair->thread, THREADS);
                cr_assert_eq(pair->counts.size_bytes, 1 + pair->site * 37);
                cr_assert_eq(found.at[pair->site][pair->thread].allocations, 0, "a pair occurs once");
                found.at[pair->site][pair->thread] =
                        (struct book){ pair->counts.live_blocks, pair->counts.allocations,
                                       pair->counts.temporary };
        }
        for (uint32_t i = 0; i < SITES; i++)
                for (uint32_t k = 0; k < THREADS; k++)
                        cr_assert(memcmp(&found.at[i][k], &books->at[i][k], sizeof(struct book)) == 0,
                                  "site %u, thread %u: live %lu, not %lu", i, k, found.at[i][k].live,
                                  books->at[i][k].live);
}

static void reach(struct trace *trace, struct replay_instant instant, struct replay *replay) {
        cr_assert_eq(replay_init(replay, trace), 0);
        cr_assert_eq(replay_to(replay, instant, REPLAY_BY_THREAD), 0);
}

static uint64_t count_live(const struct replay *replay, uint32_t site, uint32_t thread) {
        for (size_t i = 0; i < replay->by_thread->count; i++)
                if (replay->by_thread->pairs[i].site == site && replay->by_thread->pairs[i].thread == thread)
                        return replay->by_thread->pairs[i].counts.live_blocks;
        return 0;
}

TestSuite(by_thread, .init = message_silence);

Test(by_thread, at_every_block_as_the_books_have_it) {
        for (unsigned seed = 0; seed < 5; seed++) {
                struct truth truth;
                struct tb *tb = walk(&truth, seed);
                struct trace *trace = load(tb);

                for (size_t block = 0; block <= BLOCKS; block++) {
                        struct replay replay;

                        reach(trace, (struct replay_instant){ block, 0 }, &replay);
                        has_books(&replay, &truth.before[block]);
                        cr_assert_eq(replay.by_thread->unsure, 0);
                        replay_deinit(&replay);
                }
                cr_assert_eq(trace->reader->damage_count, 0);
                trace_free(trace);
                tb_free(tb);
        }
}

/* The third event of a block whose owners stand behind it. */
Test(by_thread, in_the_middle_of_a_block) {
        struct tb *tb = begin(1);
        struct trace *trace;
        struct replay replay;

        tb_alloc(tb, 0);
        tb_switch(tb, 1);
        tb_alloc(tb, 0);
        tb_owner(tb, 0);
        tb_release(tb, 0, false);
        tb_release(tb, 0, true);
        tb_end(tb, MTR_END_EXITED, 0);
        trace = load(tb);
        reach(trace, (struct replay_instant){ 0, 2 }, &replay);
        cr_assert_eq(count_live(&replay, 0, 0), 1);
        cr_assert_eq(count_live(&replay, 0, 1), 1);
        replay_deinit(&replay);
        reach(trace, (struct replay_instant){ 0, 3 }, &replay);
        cr_assert_eq(count_live(&replay, 0, 0), 0);
        cr_assert_eq(count_live(&replay, 0, 1), 1);
        replay_deinit(&replay);
        reach(trace, replay_end(trace), &replay);
        cr_assert_eq(count_live(&replay, 0, 1), 0);
        cr_assert_eq(replay.by_thread->count, 2);
        cr_assert_eq(replay.by_thread->pairs[1].counts.temporary, 1);
        replay_deinit(&replay);
        trace_free(trace);
        tb_free(tb);
}

/* A free of nobody knows whose block is somebody's: certain where one thread alone holds any. */
Test(by_thread, blocks_of_nobody_knows_whom) {
        for (int holders = 1; holders <= 2; holders++) {
                struct tb *tb = begin(1);
                struct trace *trace;
                struct replay replay;

                for (int i = 0; i < 3; i++)
                        tb_alloc(tb, 0);
                tb_switch(tb, 1);
                if (holders == 2)
                        tb_alloc(tb, 0);
                tb_owner(tb, UINT32_MAX);
                tb_release(tb, 0, false);
                tb_end(tb, MTR_END_EXITED, 0);
                trace = load(tb);
                reach(trace, replay_end(trace), &replay);
                cr_assert_eq(count_live(&replay, 0, 0), 2);
                cr_assert_eq(count_live(&replay, 0, 1), (uint64_t)holders - 1);
                cr_assert_eq(replay.by_thread->unsure, (uint64_t)holders - 1);
                cr_assert_eq(trace->reader->damage_count, 0);
                replay_deinit(&replay);
                trace_free(trace);
                tb_free(tb);
        }
}

/* The threads come to the replay's counts whatever is lost, and what nobody can tell is the unknown one's. */
Test(by_thread, a_lost_block_leaves_the_sums) {
        for (size_t lost = 0; lost < BLOCKS; lost++) {
                struct truth truth;
                struct tb *tb = walk(&truth, 7);
                struct trace *trace = load(tb);
                struct replay_site sums[SITES] = { 0 };
                struct replay replay;
                uint64_t unknown = 0;

                reader_spoil(trace->reader, lost, "lost");
                reach(trace, replay_end(trace), &replay);
                for (size_t i = 0; i < replay.by_thread->count; i++) {
                        const struct by_thread_pair *pair = &replay.by_thread->pairs[i];

                        sums[pair->site].live_blocks += pair->counts.live_blocks;
                        sums[pair->site].allocations += pair->counts.allocations;
                        sums[pair->site].temporary += pair->counts.temporary;
                        if (pair->thread == BY_THREAD_UNKNOWN)
                                unknown += pair->counts.live_blocks;
                }
                for (uint32_t i = 0; i < SITES; i++) {
                        cr_assert_eq(sums[i].live_blocks, replay.sites[i].live_blocks);
                        cr_assert_eq(sums[i].allocations, replay.sites[i].allocations);
                        cr_assert_eq(sums[i].temporary, replay.sites[i].temporary);
                }
                /* behind block 5 there is no checkpoint, so it is not even known that something is missing */
                cr_assert(lost == BLOCKS - 1 ? replay.by_thread->unsure == 0
                                             : unknown > 0 && replay.by_thread->unsure >= unknown,
                          "block %zu: %lu of the unknown thread, %lu unsure", lost, unknown,
                          replay.by_thread->unsure);
                replay_deinit(&replay);
                trace_free(trace);
                tb_free(tb);
        }
}

Test(by_thread, selected_threads_are_the_sites) {
        static const bool second[THREADS + 1] = { false, true };
        struct truth truth;
        struct tb *tb = walk(&truth, 3);
        struct trace *trace = load(tb);
        struct replay replay;

        reach(trace, replay_end(trace), &replay);
        by_thread_select(&replay, second);
        for (uint32_t i = 0; i < SITES; i++) {
                const struct book *book = &truth.before[BLOCKS].at[i][1];

                cr_assert_eq(replay.sites[i].live_blocks, book->live);
                cr_assert_eq(replay.sites[i].allocations, book->allocations);
                cr_assert_eq(replay.sites[i].temporary, book->temporary);
                cr_assert_eq(count_live(&replay, i, 0), 0);
                cr_assert_eq(count_live(&replay, i, 1), book->live);
        }
        replay_deinit(&replay);
        trace_free(trace);
        tb_free(tb);
}

/* Thread 0 allocates two and thread 1 loses one, of one site: one more in all, two more and one less by
 * thread. */
Test(by_thread, between_two_moments) {
        static const bool first[THREADS + 1] = { true };
        struct tb *tb = begin(1);
        struct moment begun, end;
        struct trace *trace;

        tb_switch(tb, 1);
        tb_alloc(tb, 0);
        tb_block(tb);
        tb_mark(tb, MTR_MARK, "begun");
        tb_alloc(tb, 0);
        tb_alloc(tb, 0);
        tb_owner(tb, 1);
        tb_release(tb, 0, false);
        tb_end(tb, MTR_END_EXITED, 0);
        trace = load(tb);
        cr_assert_eq(moment_read("begun", &begun) + moment_read("end", &end), 0);
        for (int selected = 0; selected < 2; selected++) {
                struct range range;

                cr_assert_eq(
                        range_replay(trace, &begun, &end, REPLAY_BY_THREAD, selected ? first : NULL, &range),
                        0);
                cr_assert_eq(range.more.sites[0].live_blocks, selected ? 2 : 1);
                cr_assert_eq(range.less.sites[0].live_blocks, 0);
                cr_assert_eq(count_live(&range.more, 0, 0), 2);
                cr_assert_eq(count_live(&range.more, 0, 1), 0);
                cr_assert_eq(count_live(&range.less, 0, 0), 0);
                cr_assert_eq(count_live(&range.less, 0, 1), selected ? 0 : 1);
                range_deinit(&range);
        }
        trace_free(trace);
        tb_free(tb);
}

/* Two allocations, a free at event 2, and a record as `wrong` has it. */
static void owners_are_damage(int wrong, bool when_loaded) {
        static const uint64_t events[][2] = { { 2, 2 }, { 3, 0 }, { 2, 0 },         { 2, 0 },
                                              { 2, 0 }, { 0, 0 }, { 2, UINT64_MAX } };
        struct tb *tb = begin(1);
        struct tb_bytes body = { 0 };
        struct trace *trace;
        struct replay replay;

        tb_block(tb); /* the record stands first in its block, and what it names before that */
        tb_alloc(tb, 0);
        tb_alloc(tb, 0);
        tb_release(tb, 0, false);
        if (wrong == 2)
                tb_release(tb, 0, false);
        tb_varint(&body, wrong == 0 || wrong == 2 || wrong == 6 ? 2 : wrong == 4 ? 1000 : 1);
        for (int i = 0; i < (wrong == 0 || wrong == 2 || wrong == 6 ? 2 : 1); i++)
                tb_varint(&body, events[wrong][i]);
        tb_varint(&body, wrong == 3 ? THREADS + 1 : THREADS);
        if (wrong == 0 || wrong == 2 || wrong == 6)
                tb_varint(&body, 1);
        tb_record(tb, MTR_OWNERS, body.data, body.length);
        tb_end(tb, MTR_END_EXITED, 0);
        trace = load(tb);
        cr_assert_eq(trace->reader->damage_count, when_loaded, "wrong %d", wrong);
        reach(trace, replay_end(trace), &replay);
        cr_assert_eq(trace->reader->damage_count, 1, "wrong %d", wrong);
        replay_deinit(&replay);
        trace_free(trace);
        free(body.data);
        tb_free(tb);
}

Test(by_thread, owners_that_cannot_be_cost_their_block) {
        owners_are_damage(0, true);  /* an event that the block has not */
        owners_are_damage(1, true);  /* the same, in the first row */
        owners_are_damage(2, true);  /* two rows for one event */
        owners_are_damage(3, true);  /* a thread that is not defined */
        owners_are_damage(4, true);  /* more rows than bytes */
        owners_are_damage(5, false); /* an allocation: only the events tell */
        owners_are_damage(6, true);  /* beyond all numbers */
}
